import Testing

@testable import ZLColumnar

@Suite struct ByteBufferTests {
    @Test(arguments: [0, 1, 63, 64, 1000, 5000], [1, 8, 1000]) func releasedBytesAreThoseThatWereWritten(count: Int, part: Int) {
        let bytes = ByteBuffer(capacity: 100)
        for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: index)) }
        let buffer = bytes.release(sparing: part)
        #expect(bytes.count == 0 && buffer.byteCount >= count)
        #expect((buffer.byteCount - count) * part <= buffer.byteCount)
        #expect((0..<count).allSatisfy { buffer.values(UInt8.self)[$0] == UInt8(truncatingIfNeeded: $0) })
        bytes.append(7)
        #expect(bytes.address[0] == 7)
    }
}
