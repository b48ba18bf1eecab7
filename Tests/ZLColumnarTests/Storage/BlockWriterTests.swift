import Testing

@testable import ZLColumnar

@Suite struct BlockWriterTests {
    /// Segments whose ends lie around the end of a block's payload, which is no multiple of a segment's alignment.
    @Test func segmentsThatEndAtTheEndOfABlockComeBack() throws {
        let payload = DatabaseFile.blockPayload
        for first in [payload - 65, payload - 64, payload - 56, payload - 55, payload - 1, payload, payload + 1, 2 * payload - 3] {
            for second in [1, 63, payload - 8, payload, 2 * payload + 5] {
                try DatabaseFileTests.withPath { path in
                    let file = try DatabaseFile(path: path, isReadOnly: false)
                    var writer = BlockWriter(file)
                    let texts = [first, second, 17].enumerated().map { number, length in
                        (0..<length).map { UInt8(truncatingIfNeeded: $0 &* (2 * number + 3)) }
                    }
                    let addresses = try texts.map { text in try text.withUnsafeBytes { try writer.append($0) } }
                    try writer.finish()
                    for (text, address) in zip(texts, addresses) {
                        let blocks = try #require(
                            BlockAddress.blocks(block: address.block, offset: address.offset, length: address.length))
                        let buffer = try file.read(blocks, "a segment")
                        let found = UnsafeRawBufferPointer(start: buffer.address + address.offset, count: address.length)
                        #expect(found.elementsEqual(text), "\(first), \(second)")
                        withExtendedLifetime(buffer) {}
                    }
                }
            }
        }
    }
}
