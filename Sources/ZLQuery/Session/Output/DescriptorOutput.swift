import ZLColumnar
import ZLFormats

/// Bytes on their way to a file descriptor that stays open, collected into large writes.
///
/// Not safe for use from two threads at once. What is buffered when it goes away is lost: call `flush`.
public final class DescriptorOutput {
    private static let bufferSize = 64 << 10

    private let file: OutputFile
    private let buffer = ByteBuffer(capacity: bufferSize)
    /// The first error of a write, with the code `broken_pipe` where nobody reads any more; nothing is written after it.
    public private(set) var failure: ZLError?

    /// `name` is what messages call it: `standard output`.
    public init(descriptor: Int32, name: String) { file = OutputFile(descriptor: descriptor, name: name) }

    public func write(_ text: String) throws(ZLError) { try append { $0.append(text: text) } }

    /// Hands the buffer to `fill`, which appends to it.
    func append(_ fill: (ByteBuffer) -> Void) throws(ZLError) {
        fill(buffer)
        if buffer.count >= DescriptorOutput.bufferSize { try flush() }
    }

    /// Writes what is buffered.
    public func flush() throws(ZLError) {
        if buffer.count == 0 { return }
        defer { buffer.removeAll() }
        try writeDirectly { (file) throws(ZLError) in try file.write(buffer.bytes) }
    }

    /// Hands the file to a writer with a buffer of its own; this one's must be flushed.
    func writeDirectly(_ body: (OutputFile) throws(ZLError) -> Void) throws(ZLError) {
        if let failure { throw failure }
        do { try body(file) } catch {
            failure = error
            throw error
        }
    }
}
