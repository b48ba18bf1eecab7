import Glibc
import ZLQuery

/// `--jsonl`: statements in, one line of JSON out for each, for editors and test drivers.
///
/// A statement is everything up to a line that ends with a semicolon; the last semicolon is not part of it. The answer is
/// `{"ok":true,"columns":[..],"types":[..],"rows":[[..]]}` or `{"ok":false,"error":".."}`, flushed at once. Of several statements in
/// one text the last one's result is the answer, or the first error.
struct Server {
    let session: Session
    private let output = DescriptorOutput(descriptor: STDOUT_FILENO, name: "standard output")

    init(_ session: Session) { self.session = session }

    func run() -> ExitCode {
        var text: [UInt8] = []
        var lineStart = 0
        while true {
            let searched = text.count
            do {
                guard try ScriptFile.append(to: &text, from: STDIN_FILENO) else { break }
            } catch {
                Shell.say("zlsql: cannot read standard input: \(error.message)")
                return .inputOutput
            }
            var statementStart = 0
            var from = searched
            while let newline = text[from...].firstIndex(of: 10) {
                let end = newline > lineStart && text[newline - 1] == 13 ? newline - 1 : newline
                // why: a line that ends in a semicolon and a blank is an inner line of a text with several statements.
                if end > lineStart, text[end - 1] == UInt8(ascii: ";") {
                    guard answer(text[statementStart..<(end - 1)]) else { return .inputOutput }
                    statementStart = newline + 1
                }
                lineStart = newline + 1
                from = newline + 1
            }
            text.removeSubrange(..<statementStart)
            lineStart -= statementStart
        }
        return .success
    }

    /// False when nobody can be told.
    private func answer(_ statement: ArraySlice<UInt8>) -> Bool {
        Interruption.ofStatements.reset()
        do {
            do {
                let result = try session.execute(String(decoding: statement, as: UTF8.self))
                try result.write(to: output, as: .json)
            } catch {
                if output.failure != nil { return false }
                try QueryResult.writeFailure(error, to: output)
            }
            try output.flush()
            return true
        } catch {
            return false
        }
    }
}
