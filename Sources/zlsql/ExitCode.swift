/// What the program's exit status says; `--help` lists them.
enum ExitCode: Int32 {
    case success = 0
    case statementFailed = 1
    case usage = 2
    /// A database or a script cannot be opened, or output cannot be written.
    case inputOutput = 3
    /// Ctrl-C in a script.
    case interrupted = 130
}

/// Ends a script with a status; what there is to say has been said.
struct Exit: Error {
    var code: ExitCode
}
