import Glibc
import ZLQuery

/// Takes a script apart: statements, which end with a semicolon, and dot commands, which are lines.
enum Script {
    enum Piece {
        /// A statement and where the rest begins.
        case statement(Range<Int>, next: Int)
        /// A line that begins with a dot, without the dot's line end.
        case command(Range<Int>, next: Int)
        /// Something without its end.
        case incomplete(Range<Int>)
        case end
    }

    static func next(in text: [UInt8], from start: Int) -> Piece {
        let piece = StatementSplitter.next(in: text, from: start)
        switch piece {
        case .complete(let range, _), .incomplete(let range):
            if text[range.lowerBound] == UInt8(ascii: ".") {
                let end = text[range.lowerBound...].firstIndex(of: 10) ?? text.count
                return .command(range.lowerBound..<end, next: min(end + 1, text.count))
            }
            if case .complete(_, let next) = piece { return .statement(range, next: next) }
            return .incomplete(range)
        case .blank:
            return .end
        }
    }
}

extension Shell {
    /// How deep `.read` may nest.
    private static let maximumNesting = 32

    /// Runs a whole text; its last statement needs no semicolon.
    func runScript(_ text: [UInt8], named name: String) throws(Exit) {
        var position = 0
        while true {
            switch Script.next(in: text, from: position) {
            case .statement(let range, let next):
                try run(range, of: text, named: name)
                position = next
            case .command(let range, let next):
                try runCommand(range, of: text, named: name)
                position = next
            case .incomplete(let range):
                return try run(range, of: text, named: name)
            case .end:
                return
            }
        }
    }

    /// Runs a script file: `-f FILE` and `.read FILE`.
    func runFile(_ path: String) throws(Exit) {
        guard scriptFolders.count < Shell.maximumNesting else {
            say("zlsql: \(path): scripts read each other more than \(Shell.maximumNesting) deep")
            throw Exit(code: .statementFailed)
        }
        let text: [UInt8]
        do { text = try ScriptFile.read(path) } catch {
            say("zlsql: cannot open the script \(path): \(error.message)")
            throw Exit(code: .inputOutput)
        }
        scriptFolders.append(ScriptFile.folder(of: path))
        defer { scriptFolders.removeLast() }
        try runScript(text, named: path)
    }

    /// Runs standard input as it comes, so that a pipe may be kept open.
    func runStandardInput() throws(Exit) {
        var text: [UInt8] = []
        var position = 0
        var isOpen = true
        while isOpen {
            do { isOpen = try ScriptFile.append(to: &text, from: STDIN_FILENO) } catch {
                say("zlsql: cannot read standard input: \(error.message)")
                throw Exit(code: .inputOutput)
            }
            position = try runComplete(text, from: position, isOpen: isOpen)
        }
        try runScript(text, from: position)
    }

    /// Runs what is complete and returns where the rest begins. A command is complete with its line.
    private func runComplete(_ text: [UInt8], from start: Int, isOpen: Bool) throws(Exit) -> Int {
        var position = start
        while true {
            switch Script.next(in: text, from: position) {
            case .statement(let range, let next):
                try run(range, of: text, named: "standard input")
                position = next
            case .command(let range, let next):
                if range.upperBound == text.count, isOpen { return position }
                try runCommand(range, of: text, named: "standard input")
                position = next
            case .incomplete, .end:
                return position
            }
        }
    }

    private func runScript(_ text: [UInt8], from start: Int) throws(Exit) {
        if case .incomplete(let range) = Script.next(in: text, from: start) {
            try run(range, of: text, named: "standard input")
        }
    }
}

/// Reading script files.
enum ScriptFile {
    struct Failure: Error {
        var message: String
    }

    static func read(_ path: String) throws(Failure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(message: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var text: [UInt8] = []
        while try append(to: &text, from: descriptor) {}
        return text
    }

    /// Appends what can be read now; false at the end of the file.
    static func append(to text: inout [UInt8], from descriptor: Int32) throws(Failure) -> Bool {
        let chunk = 64 << 10
        let count = withUnsafeTemporaryAllocation(byteCount: chunk, alignment: 16) { buffer in
            let count = Glibc.read(descriptor, buffer.baseAddress, chunk)
            if count > 0 { text.append(contentsOf: buffer[..<count]) }
            return count
        }
        if count < 0, errno != EINTR { throw Failure(message: String(cString: strerror(errno))) }
        return count != 0
    }

    /// The folder that a path stands in, with a slash at its end; empty for the working folder.
    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }
}
