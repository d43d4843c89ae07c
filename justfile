# What there is to run. `just` alone lists it; `.ci/run` is the gate, and says what must hold.

_:
    @just --list --unsorted

# Formats all Rust, and the folders that a macro declares, through which cargo fmt doesn't look.
fmt:
    cargo fmt --all
    rustfmt shared/channels/src/*/mod.rs infra/simulators/src/*/mod.rs

# The lints, as the gate has them.
lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# All tests that need Rust alone, or those whose names contain something: `just test a_cancel`.
test *names:
    cargo test --workspace --locked {{names}}

# All that must hold before a change lands: this file's checks and more, and a deployment to a local AWS.
gate:
    .ci/run

# The demo: a made-up seller, 600 orders, all channels; stays up until Ctrl-C.
demo:
    cargo run --locked

# The `edin` command: `just edin why EDN-0001`.
edin *arguments:
    cargo run --locked -- {{arguments}}

# The whole bundle by a seed, in simulated time: `just simulate --seeds 100`.
simulate *options:
    cargo run --locked --release -p simulation -- {{options}}

# Writes the tables of channels in README.md and docs/channels.md from the channels' facts.
table:
    EDIN_WRITE=1 cargo test --locked -p edin-channels --features client --test tables

# Makes the two folders of a channel, to be filled in: `just new-channel shopify "Shopify"`.
new-channel name title:
    python3 infra/scaffold/new_channel.py {{quote(name)}} {{quote(title)}}

# The docs of the code, as `target/doc`.
doc:
    cargo doc --workspace --no-deps --locked

# Which room may know which.
arrows:
    python3 tests/arrows/check.py

# Misspelt words. It takes `cargo install typos-cli`, or `pip install typos`.
words:
    typos
