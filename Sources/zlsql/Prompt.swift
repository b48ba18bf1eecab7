import Glibc
import ZLQuery

extension Shell {
    /// Reads statements at the terminal until its end. A statement may take several lines; a failed one does not end the session.
    func runPrompt() -> ExitCode {
        let editor = LineEditor()
        var text = ""
        print("zlsql \(Program.version). .help lists the commands; Ctrl-D leaves.")
        while true {
            switch editor.read(prompt: text.isEmpty ? "zlsql> " : "  ...> ") {
            case .end:
                print()
                return .success
            case .interrupted:
                text = ""
            case .text(let line):
                text += text.isEmpty ? line : "\n" + line
                if let code = runTyped(&text, editor) { return code }
            }
        }
    }

    /// Runs what is complete in the typed text and leaves the rest. An exit code ends the prompt.
    private func runTyped(_ text: inout String, _ editor: LineEditor) -> ExitCode? {
        let bytes = Array(text.utf8)
        var position = 0
        do throws(Exit) {
            while true {
                switch Script.next(in: bytes, from: position) {
                case .statement(let range, let next):
                    if position == 0 { editor.remember(text) }
                    position = next
                    try run(range, of: bytes, named: nil)
                case .command(let range, let next):
                    editor.remember(text)
                    position = next
                    try runCommand(range, of: bytes, named: nil)
                case .incomplete:
                    text = String(decoding: bytes[position...], as: UTF8.self)
                    return nil
                case .end:
                    text = ""
                    return nil
                }
            }
        } catch {
            text = ""
            return error.code == .success || output.failure != nil ? error.code : nil
        }
    }
}
