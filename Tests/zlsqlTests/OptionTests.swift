import Foundation
import Testing

@testable import zlsql

@Suite("The command line")
struct OptionTests {
    @Test("-c and -f are kept in the order given")
    func order() throws {
        let invocation = try Invocation(arguments: ["zl.db", "-c", "SELECT 1", "-f", "a.sql", "--command=SELECT 2"])
        #expect(invocation.database == "zl.db")
        let actions = invocation.actions.map { action in
            switch action {
            case .command(let text): "c \(text)"
            case .file(let path): "f \(path)"
            }
        }
        #expect(actions == ["c SELECT 1", "f a.sql", "c SELECT 2"])
    }

    @Test("A variable keeps everything behind its first equals sign")
    func variable() throws {
        let invocation = try Invocation(arguments: ["-v", "bars=a/*.csv?x=y", "-v", "empty="])
        #expect(invocation.variables.map(\.name) == ["bars", "empty"])
        #expect(invocation.variables.map(\.value) == ["a/*.csv?x=y", ""])
    }

    @Test("Flags are taken", arguments: [(["--csv"], OutputFormat.csv), (["--csv", "--box"], .box), ([], .box)])
    func format(arguments: [String], expected: OutputFormat) throws {
        #expect(try Invocation(arguments: arguments).format == expected)
    }

    @Test("Behind -- nothing is an option")
    func endOfOptions() throws {
        #expect(try Invocation(arguments: ["--", "-c"]).database == "-c")
    }

    @Test(
        "Wrong usage is refused",
        arguments: [
            ["--nosuch"], ["-c"], ["-v", "novalue"], ["-v", "=x"], ["--threads", "0"], ["--threads", "two"], ["a.db", "b.db"],
            ["--csv=yes"], ["--jsonl", "-c", "SELECT 1"],
        ])
    func refused(arguments: [String]) {
        #expect(throws: UsageError.self) { try Invocation(arguments: arguments) }
    }

    @Test("Help names every option once")
    func help() {
        for option in Option.all {
            for name in option.names { #expect(Option.usage.contains(name)) }
            #expect(Option.usage.components(separatedBy: option.help).count == 2)
        }
    }
}
