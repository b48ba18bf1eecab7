import ZLQuery

/// One dot command: the parser and `.help` both read this table.
struct DotCommand: Sendable {
    let name: String
    /// What `.help` calls its argument; nil: it takes none. In brackets: it may be left out.
    let argument: String?
    let help: String
    let run: @Sendable (Shell, _ argument: String) throws(Failure) -> Void

    /// Why a command ends.
    enum Failure: Error {
        case message(String)
        case exit(Exit)
        case statement(ZLError)
    }
}

extension DotCommand {
    static let all: [DotCommand] = [
        DotCommand(name: ".exit", argument: nil, help: "leave the program") { (_, _) throws(Failure) in
            throw .exit(Exit(code: .success))
        },
        DotCommand(name: ".help", argument: nil, help: "show this") { (shell, _) throws(Failure) in
            do throws(ZLError) { try shell.output.write(DotCommand.helpText) } catch { throw .statement(error) }
        },
        DotCommand(name: ".quit", argument: nil, help: "leave the program") { (_, _) throws(Failure) in
            throw .exit(Exit(code: .success))
        },
        DotCommand(
            name: ".read", argument: "FILE", help: "run a script; its path is relative to the script it is read from"
        ) { (shell, path) throws(Failure) in
            let isAbsolute = path.hasPrefix("/")
            do throws(Exit) {
                try shell.runFile(isAbsolute ? path : (shell.scriptFolders.last ?? "") + path)
            } catch { throw .exit(error) }
        },
        DotCommand(name: ".schema", argument: "[NAME]", help: "show the statements that made tables and views") {
            (shell, name) throws(Failure) in
            do throws(ZLError) {
                for definition in shell.session.definitions(of: name.isEmpty ? nil : name) {
                    try shell.output.write(definition + ";\n")
                }
            } catch { throw .statement(error) }
        },
        DotCommand(name: ".tables", argument: nil, help: "list tables and views") { (shell, _) throws(Failure) in
            do throws(ZLError) { try shell.show(shell.session.execute("SHOW ALL TABLES")) } catch { throw .statement(error) }
        },
        DotCommand(name: ".timer", argument: "on|off", help: "show how long statements take") {
            (shell, argument) throws(Failure) in
            guard argument == "on" || argument == "off" else {
                throw .message(".timer takes on or off, found \(argument.isEmpty ? "nothing" : argument)")
            }
            shell.showsTime = argument == "on"
        },
    ]

    static var helpText: String {
        let heads = all.map { $0.name + ($0.argument.map { " \($0)" } ?? "") }
        let width = heads.map(\.count).max() ?? 0
        var text = ""
        for (head, command) in zip(heads, all) {
            text += head + String(repeating: " ", count: width - head.count + 2) + command.help + "\n"
        }
        return text + "Everything else is SQL and ends with a semicolon.\n"
    }
}

extension Shell {
    /// Runs a line that begins with a dot.
    func runCommand(_ range: Range<Int>, of source: [UInt8], named name: String?) throws(Exit) {
        let line = String(decoding: source[range], as: UTF8.self)
        let words = line.split(separator: " ", maxSplits: 1).map { Shell.trimmed($0) }
        let argument = Shell.unquoted(words.count > 1 ? words[1] : "")
        do throws(DotCommand.Failure) {
            guard let command = DotCommand.all.first(where: { $0.name == words.first }) else {
                throw DotCommand.Failure.message("there is no command \(words.first ?? ""); .help lists them")
            }
            guard command.argument != nil || argument.isEmpty else {
                throw DotCommand.Failure.message("\(command.name) takes no argument, found \(argument)")
            }
            if let wanted = command.argument, !wanted.hasPrefix("["), argument.isEmpty {
                throw DotCommand.Failure.message("\(command.name) takes an argument: \(wanted)")
            }
            try command.run(self, argument)
            try flush()
        } catch {
            switch error {
            case .message(let message):
                let error = ZLError(.syntax, "dot_command", message, range: 0..<range.count)
                say(error.report(in: source, named: name, offset: range.lowerBound))
                throw Exit(code: .statementFailed)
            case .statement(let error):
                say(output.failure == nil ? error.report(in: source, named: name, offset: range.lowerBound) : error.message)
                throw Exit(code: output.failure == nil ? .statementFailed : .inputOutput)
            case .exit(let exit):
                throw exit
            }
        }
    }

    private func flush() throws(DotCommand.Failure) {
        do { try output.flush() } catch { throw .statement(error) }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let last = text.last, last.isWhitespace || last == ";" { text.removeLast() }
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        return String(text)
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, let first = text.first, first == "'" || first == "\"", text.last == first else { return text }
        return String(text.dropFirst().dropLast())
    }
}
