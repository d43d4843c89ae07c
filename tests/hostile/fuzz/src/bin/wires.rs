//! Every reader of what channels send: none may panic, and what it reads or refuses is bounded by what came.

fn main() {
    afl::fuzz!(|body: &[u8]| hostile::wires::check(body));
}
