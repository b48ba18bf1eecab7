import ZLColumnar

extension XXHash64 {
    private static let pieceSize = 1 << 20

    /// The digest of a file's bytes as 16 lower-case hex digits.
    package static func hexDigest(of file: InputFile) throws(ZLError) -> String {
        var hash = XXHash64()
        let buffer = Buffer(byteCount: pieceSize)
        defer { withExtendedLifetime(buffer) {} }
        var offset = 0
        while true {
            let found = try file.read(pieceSize, at: offset, into: buffer.address)
            hash.update(UnsafeRawBufferPointer(start: buffer.address, count: found))
            offset += found
            if found < pieceSize { break }
        }
        let digits = String(hash.digest(), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
