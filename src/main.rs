//! The program `freezegate`: hands its exit status on, nothing else.

fn main() -> std::process::ExitCode {
    freezegate::cli::main()
}
