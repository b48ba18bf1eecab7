/// What the command line asks for.
struct Invocation {
    enum Action {
        /// `-c SQL`
        case command(String)
        /// `-f FILE`
        case file(String)
    }

    enum Mode {
        /// Run `actions`, or standard input, or show a prompt.
        case run
        /// `--jsonl`
        case serve
        case help
        case version
    }

    var database: String?
    var actions: [Action] = []
    /// `-v name=value`, as text.
    var variables: [(name: String, value: String)] = []
    var format = OutputFormat.box
    var mode = Mode.run
    var isReadOnly = false
    var threads: Int?
}

enum OutputFormat {
    case box
    case csv
}

/// A command line that makes no sense; exit status 2.
struct UsageError: Error {
    var message: String
}
