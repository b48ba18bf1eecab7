import Glibc
import ZLQuery

/// Runs statements and dot commands against one session and shows what comes out.
final class Shell {
    let session: Session
    let output: DescriptorOutput
    let format: OutputFormat
    var showsTime = false
    /// Folders of the scripts being read, outermost first: `.read` looks beside the script it stands in.
    var scriptFolders: [String] = []

    /// Rows of a box on a terminal; elsewhere all are written.
    private static let terminalRows = 40

    init(_ session: Session, format: OutputFormat) {
        self.session = session
        self.format = format
        output = DescriptorOutput(descriptor: STDOUT_FILENO, name: "standard output")
    }

    /// Runs one statement of `source` and shows its result.
    func run(_ range: Range<Int>, of source: [UInt8], named name: String?) throws(Exit) {
        Interruption.ofStatements.reset()
        let start = Stopwatch()
        do {
            let text = String(decoding: source[range], as: UTF8.self)
            if format == .csv {
                try session.stream(text, as: .csv, to: output)
            } else {
                try show(session.execute(text))
            }
            try output.flush()
        } catch {
            try fail(error, error.report(in: source, named: name, offset: range.lowerBound))
        }
        if showsTime { say("Run time: \(start.text)") }
    }

    func show(_ result: QueryResult) throws(ZLError) {
        let width = Terminal.width
        let box = BoxRenderer(width: width, maximumRows: width == nil ? nil : Shell.terminalRows)
        try output.write(box.render(result))
    }

    /// Reports an error and ends the script. The prompt goes on.
    private func fail(_ error: ZLError, _ report: String) throws(Exit) -> Never {
        if let failure = output.failure {
            // why: nobody reads any more, for example `| head`; there is nobody to tell.
            if failure.code != "broken_pipe" { say("zlsql: \(failure.message)") }
            throw Exit(code: .inputOutput)
        }
        try? output.flush()
        say(report)
        throw Exit(code: error == .interrupted ? .interrupted : .statementFailed)
    }

    /// A line on standard error.
    func say(_ text: String) { Shell.say(text) }

    static func say(_ text: String) {
        var line = text + "\n"
        line.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while rest.count > 0, let address = rest.baseAddress {
                let written = write(STDERR_FILENO, address, rest.count)
                if written < 0, errno != EINTR { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[max(0, written)...])
            }
        }
    }
}

/// Wall time since it was made.
struct Stopwatch {
    private let start = ContinuousClock.now

    /// `0.123 s`
    var text: String {
        let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
        let fraction = String(milliseconds % 1000 + 1000).dropFirst()
        return "\(milliseconds / 1000).\(fraction) s"
    }
}
