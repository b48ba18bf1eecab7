import ZLColumnar

/// How a file is packed. The first bytes tell, its name does not count.
package enum Compression: Hashable, Sendable {
    case none, gzip, zstd

    private static let zstdMagic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]
    private static let skippableTail: [UInt8] = [0x2A, 0x4D, 0x18]

    package init(firstBytes bytes: UnsafeRawBufferPointer) {
        if bytes.starts(with: Compression.zstdMagic) || Compression.startsWithSkippableFrame(bytes) {
            self = .zstd
        } else if bytes.count >= 3, bytes[0] == 0x1F, bytes[1] == 0x8B, bytes[2] == 8 {
            self = .gzip
        } else {
            self = .none
        }
    }

    /// A Zstandard frame that holds something else than packed data.
    static func startsWithSkippableFrame(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 4 && bytes[0] & 0xF0 == 0x50 && bytes[1...].starts(with: skippableTail)
    }
}
