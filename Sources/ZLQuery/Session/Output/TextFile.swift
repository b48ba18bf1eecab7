import ZLColumnar
import ZLFormats

/// A whole file as text.
enum TextFile {
    private static let pieceSize = 256 << 10

    static func read(_ path: String) throws(ZLError) -> String {
        let file = try InputFile(path: path)
        let buffer = Buffer(byteCount: pieceSize)
        var bytes: [UInt8] = []
        while true {
            let count = try file.read(pieceSize, at: bytes.count, into: buffer.address)
            bytes.append(contentsOf: UnsafeRawBufferPointer(start: buffer.address, count: count))
            if count < pieceSize { return String(decoding: bytes, as: UTF8.self) }
        }
    }

    /// The file is there whole, or as it was.
    static func write(_ text: String, to path: String) throws(ZLError) {
        let file = try OutputFile(path: path)
        let bytes = ByteBuffer(capacity: text.utf8.count)
        bytes.append(text: text)
        try file.write(bytes.bytes)
        try file.commit()
    }
}
