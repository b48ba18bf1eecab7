/// One option of the command line: the parser and `--help` both read this table.
struct Option: Sendable {
    let names: [String]
    /// What `--help` calls its argument; nil: it takes none.
    let argument: String?
    let help: String
    let apply: @Sendable (inout Invocation, _ argument: String) throws(UsageError) -> Void
}

extension Option {
    static let all: [Option] = [
        Option(names: ["-c", "--command"], argument: "SQL", help: "run SQL and exit; may be repeated") {
            $0.actions.append(.command($1))
        },
        Option(names: ["-f", "--file"], argument: "FILE", help: "run a script and exit; -c and -f run in the order given") {
            $0.actions.append(.file($1))
        },
        Option(names: ["-v", "--variable"], argument: "NAME=VALUE", help: "SET VARIABLE name = 'value' before anything runs") {
            (invocation, argument) throws(UsageError) in
            guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
                throw UsageError(message: "-v takes NAME=VALUE, found \(argument)")
            }
            invocation.variables.append(
                (String(argument[..<equals]), String(argument[argument.index(after: equals)...])))
        },
        Option(names: ["--csv"], argument: nil, help: "write results as CSV") { invocation, _ in invocation.format = .csv },
        Option(names: ["--box"], argument: nil, help: "write results as boxes (the default)") { invocation, _ in
            invocation.format = .box
        },
        Option(
            names: ["--jsonl"], argument: nil, help: "answer each statement on standard input with one line of JSON"
        ) { invocation, _ in invocation.mode = .serve },
        Option(names: ["--readonly"], argument: nil, help: "open the database for reading only") { invocation, _ in
            invocation.isReadOnly = true
        },
        Option(names: ["--threads"], argument: "N", help: "threads that a statement may use") {
            (invocation, argument) throws(UsageError) in
            guard let threads = Int(argument), threads > 0 else {
                throw UsageError(message: "--threads takes a whole number from 1 on, found \(argument)")
            }
            invocation.threads = threads
        },
        Option(names: ["--version"], argument: nil, help: "print the version and exit") { invocation, _ in
            invocation.mode = .version
        },
        Option(names: ["-h", "--help"], argument: nil, help: "print this and exit") { invocation, _ in invocation.mode = .help },
    ]

    /// The text of `--help`.
    static var usage: String {
        var text = """
            usage: zlsql [OPTIONS] [DATABASE]

            Opens a database file (made if there is none), or works in memory. Without -c and -f it runs the script on standard
            input, or shows a prompt where that is a terminal.


            """
        let heads = all.map { $0.names.joined(separator: ", ") + ($0.argument.map { " \($0)" } ?? "") }
        let width = heads.map(\.count).max() ?? 0
        for (head, option) in zip(heads, all) {
            text += "  " + head + String(repeating: " ", count: width - head.count + 2) + option.help + "\n"
        }
        return text + """

            exit status: 0 all well, 1 a statement failed, 2 wrong usage, 3 a database or script could not be opened or output
            not written, 130 interrupted

            """
    }
}

extension Invocation {
    /// Reads a command line (without the program's name). `--name=value` and `--` are understood.
    init(arguments: [String]) throws(UsageError) {
        self.init()
        var rest = arguments[...]
        var acceptsOptions = true
        while let argument = rest.popFirst() {
            if acceptsOptions, argument == "--" {
                acceptsOptions = false
            } else if acceptsOptions, argument.hasPrefix("-"), argument != "-" {
                try apply(argument, &rest)
            } else {
                guard database == nil else {
                    throw UsageError(message: "one database at most, found \(database ?? "") and \(argument)")
                }
                database = argument
            }
        }
        guard mode != .serve || actions.isEmpty else {
            throw UsageError(message: "--jsonl reads standard input; it does not go with -c or -f")
        }
    }

    private mutating func apply(_ argument: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        var name = argument
        var value: String?
        if argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") {
            name = String(argument[..<equals])
            value = String(argument[argument.index(after: equals)...])
        }
        guard let option = Option.all.first(where: { $0.names.contains(name) }) else {
            throw UsageError(message: "there is no option \(name)")
        }
        if option.argument == nil {
            guard value == nil else { throw UsageError(message: "\(name) takes no argument") }
            return try option.apply(&self, "")
        }
        guard let given = value ?? rest.popFirst() else {
            throw UsageError(message: "\(name) takes an argument: \(option.argument ?? "")")
        }
        try option.apply(&self, given)
    }
}
