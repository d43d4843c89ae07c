//! The `edin` command: what a person at a terminal asks for, on this machine's state or on a stack in AWS.
//!
//! [`settings`] is what the command takes, [`commands`] has a file for each command, [`deployment`] is what they work on,
//! [`output`] draws what they say, [`redrive`] sends dead letters on their way again, [`network`] tries what is
//! reached over it.
//!
//! What doesn't belong here: what others than a terminal need too. What a file means is in `edin-catalogue`, what is answered in
//! `edin-look`, what runs on this machine in `edin-local`, and what the demo does in `edin-demo`.

pub mod commands;
pub mod deployment;
pub mod network;
pub mod output;
pub mod redrive;
pub mod settings;
