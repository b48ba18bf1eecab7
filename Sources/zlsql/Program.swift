import Glibc
import ZLQuery

/// From the command line to an exit status.
enum Program {
    static let version = "0.1.0"

    static func run(_ arguments: [String]) -> ExitCode {
        let invocation: Invocation
        do { invocation = try Invocation(arguments: arguments) } catch {
            Shell.say("zlsql: \(error.message)\nzlsql --help lists the options")
            return .usage
        }
        switch invocation.mode {
        case .help: return tell(Option.usage)
        case .version: return tell("zlsql \(version)\n")
        case .run, .serve: break
        }
        Interruption.install()
        let session: Session
        do { session = try open(invocation) } catch { return error.code }
        let code = invocation.mode == .serve ? Server(session).run() : run(invocation, session)
        do { try session.close() } catch {
            Shell.say("zlsql: \(error.description)")
            return .inputOutput
        }
        return code
    }

    private static func tell(_ text: String) -> ExitCode {
        let output = DescriptorOutput(descriptor: STDOUT_FILENO, name: "standard output")
        do {
            try output.write(text)
            try output.flush()
            return .success
        } catch {
            return .inputOutput
        }
    }

    private static func open(_ invocation: Invocation) throws(Exit) -> Session {
        let session: Session
        do {
            let database = try Database(path: invocation.database, readOnly: invocation.isReadOnly)
            session = Session(database, interrupter: Interruption.ofStatements, log: { Shell.say($0) })
        } catch {
            Shell.say("zlsql: \(error.description)")
            throw Exit(code: .inputOutput)
        }
        for (name, value) in invocation.variables { session.setVariable(name, text: value) }
        if let threads = invocation.threads { session.setThreads(threads) }
        return session
    }

    private static func run(_ invocation: Invocation, _ session: Session) -> ExitCode {
        let shell = Shell(session, format: invocation.format)
        do throws(Exit) {
            for action in invocation.actions {
                switch action {
                case .command(let text): try shell.runScript(Array(text.utf8), named: "-c")
                case .file(let path): try shell.runFile(path)
                }
            }
            if invocation.actions.isEmpty {
                if Terminal.isTerminal(STDIN_FILENO) { return shell.runPrompt() }
                try shell.runStandardInput()
            }
            return .success
        } catch {
            return error.code
        }
    }
}
