import ZLColumnar

/// Records of one length that lie one behind the other.
struct DBNRecordBatch {
    let first: UnsafeRawPointer
    let count: Int
    /// Bytes from one record to the next.
    let stride: Int
    let layout: DBNRecordLayout
    /// Where the first record stands in the unpacked file.
    let fileOffset: Int
}

/// Walks over the records of a DBN file by their own lengths and checks that each is one of the schema.
///
/// A record cut off at the end, of a foreign type, or of a wrong length is an error with its byte offset.
final class DBNRecordReader {
    let metadata: DBNMetadata
    private let stream: ByteStream
    private let layouts: [DBNRecordLayout]
    private let trailer: Int
    private let buffer = Buffer(byteCount: capacity)
    private var start = 0
    private var end = 0
    private var reachedEnd = false
    /// Offset of `start` in the unpacked file.
    private var fileOffset: Int

    private static let capacity = 1 << 20
    private static let longestRecord = 255 * 4

    init(path: String) throws(ZLError) {
        stream = try ByteStream(try InputFile(path: path))
        metadata = try DBNMetadata.read(from: stream)
        layouts = DBNRecordLayout.layouts(of: metadata.schema)
        trailer = metadata.hasTimestampOut ? 8 : 0
        fileOffset = metadata.recordsStart
    }

    /// The next records, at most `limit`; nil at the end. The batch is valid until the next call.
    func next(limit: Int) throws(ZLError) -> DBNRecordBatch? {
        if end - start < DBNRecordReader.longestRecord, !reachedEnd { try refill() }
        guard end > start else { return nil }
        let base = UnsafeRawPointer(buffer.address)
        let stride = try checkedLength(at: start)
        guard let layout = layouts.first(where: { $0.byteCount + trailer == stride }) else { throw wrongLength(stride) }
        let type = base.load(fromByteOffset: start + 1, as: UInt8.self)
        let header = UInt16(stride / 4) | UInt16(type) << 8
        var position = start + stride
        var count = 1
        while count < limit, position + stride <= end,
            base.loadUnaligned(fromByteOffset: position, as: UInt16.self) == header
        {
            position += stride
            count += 1
        }
        let batch = DBNRecordBatch(
            first: base + start, count: count, stride: stride, layout: layout, fileOffset: fileOffset)
        fileOffset += position - start
        start = position
        return batch
    }

    /// The length of the record at `position`, whose bytes are all there and whose type belongs to the schema.
    private func checkedLength(at position: Int) throws(ZLError) -> Int {
        let length = Int(buffer.values(UInt8.self)[position]) * 4
        guard length >= DBNRecordLayout.headerByteCount else {
            throw corrupt("the record claims a length of \(length) bytes, a header alone has \(DBNRecordLayout.headerByteCount)")
        }
        if end - position > 1 {
            let type = buffer.values(UInt8.self)[position + 1]
            guard metadata.schema.recordTypes.contains(type) else {
                let expected = DBNSchema.describe(recordType: metadata.schema.recordTypes[0])
                throw corrupt("the record is of type \(DBNSchema.describe(recordType: type)), expected \(expected) in a file of schema \(metadata.schema.name)")
            }
        }
        guard layouts.contains(where: { $0.byteCount + trailer == length }) else { throw wrongLength(length) }
        guard end - position >= length else {
            throw corrupt("the last record is cut off: \(end - position) of \(length) bytes are there")
        }
        return length
    }

    private func wrongLength(_ length: Int) -> ZLError {
        let expected = layouts.map { "\($0.byteCount + trailer)" }.joined(separator: " or ")
        return corrupt("the record claims a length of \(length) bytes, expected \(expected) for schema \(metadata.schema.name)")
    }

    func corrupt(_ reason: String) -> ZLError { corrupt(reason, at: fileOffset) }

    func corrupt(_ reason: String, at offset: Int) -> ZLError {
        ZLError(.io, "invalid_dbn_record", "\(stream.file.path): \(reason) (record at byte \(offset))")
    }

    private func refill() throws(ZLError) {
        let rest = end - start
        buffer.address.copyMemory(from: buffer.address + start, byteCount: rest)
        start = 0
        let wanted = buffer.byteCount - rest
        let found = try stream.read(wanted, into: buffer.address + rest)
        end = rest + found
        reachedEnd = found < wanted
    }
}
