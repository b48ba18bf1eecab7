import CReadline
import Glibc
import Synchronization

/// Lines typed at a terminal, edited by GNU readline, with a history that outlives the program.
struct LineEditor {
    enum Line {
        case text(String)
        /// Ctrl-C: what was typed is thrown away.
        case interrupted
        /// Ctrl-D on an empty line.
        case end
    }

    private static let historyLength: Int32 = 2000
    private let historyPath: String?

    init() {
        historyPath = getenv("HOME").map { String(cString: $0) + "/.zlsql_history" }
        // why: readline keeps the pointer.
        zl_readline_begin(strdup("zlsql")) { Interruption.happened.load(ordering: .relaxed) ? 1 : 0 }
        using_history()
        stifle_history(LineEditor.historyLength)
        if let historyPath { read_history(historyPath) }
    }

    func read(prompt: String) -> Line {
        Interruption.happened.store(false, ordering: .relaxed)
        Interruption.isReadingLine.store(true, ordering: .relaxed)
        let line = readline(prompt)
        Interruption.isReadingLine.store(false, ordering: .relaxed)
        defer { free(line) }
        if Interruption.happened.exchange(false, ordering: .relaxed) { return .interrupted }
        return line.map { .text(String(cString: $0)) } ?? .end
    }

    /// Keeps a whole statement as one entry.
    func remember(_ text: String) {
        guard !text.isEmpty else { return }
        add_history(text)
        if let historyPath { write_history(historyPath) }
    }
}
