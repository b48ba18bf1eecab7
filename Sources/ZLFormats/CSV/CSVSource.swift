import Glibc
import Synchronization
import ZLColumnar

/// The unpacked bytes of a CSV file: read from the file piece by piece, or held in memory when it is packed.
final class CSVSource: @unchecked Sendable {  // proof: `spare` is guarded, nothing else changes after `init`
    let path: String
    /// Bytes of content.
    let byteCount: Int
    private let file: InputFile
    private let content: Buffer?
    /// Buffers that blocks were read into: fresh memory costs more than reading the file.
    private let spare = Mutex<[Buffer]>([])

    private static let spareBytes = 64 << 10
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    init(path: String) throws(ZLError) {
        self.path = path
        file = try InputFile(path: path)
        let stream = try ByteStream(file)
        if stream.compression == .none {
            content = nil
            byteCount = file.byteCount
        } else {
            let (buffer, count) = try stream.readAll()
            content = buffer
            byteCount = count
        }
    }

    /// A copy of `range`, followed by a line end where the last byte is none and by readable bytes.
    ///
    /// - Returns: the bytes and their number with the line end.
    func load(_ range: Range<Int>) throws(ZLError) -> (buffer: Buffer, end: Int) {
        // why: blocks differ by a line, and a buffer that is a little larger fits them all.
        let wanted = range.count + 64
        let buffer = spareBuffer(wanted) ?? Buffer(byteCount: wanted + min(wanted, CSVSource.spareBytes))
        let count = try read(range, into: buffer.address)
        guard count == range.count else {
            throw ZLError(.io, "file_changed", "\(path) became shorter while it was read")
        }
        let bytes = buffer.values(UInt8.self)
        // why: the tokenizer looks eight bytes ahead; they are read, never used.
        memset(buffer.address + count, 0, 64)
        guard count == 0 || bytes[count - 1] != CSVDialect.newline else { return (buffer, count) }
        bytes[count] = CSVDialect.newline
        return (buffer, count + 1)
    }

    /// Takes back what `load` gave, when nothing points into it any more.
    func recycle(_ buffer: Buffer) { spare.withLock { $0.append(buffer) } }

    private func spareBuffer(_ byteCount: Int) -> Buffer? {
        spare.withLock { buffers in
            guard let index = buffers.lastIndex(where: { $0.byteCount >= byteCount }) else { return nil }
            return buffers.remove(at: index)
        }
    }

    private func read(_ range: Range<Int>, into target: UnsafeMutableRawPointer) throws(ZLError) -> Int {
        guard let content else { return try file.read(range.count, at: range.lowerBound, into: target) }
        target.copyMemory(from: content.address + range.lowerBound, byteCount: range.count)
        return range.count
    }

    /// Where the content begins: behind a byte order mark and `lines` lines.
    func contentStart(skippingLines lines: Int) throws(ZLError) -> Int {
        let (buffer, _) = try load(0..<min(3, byteCount))
        defer { withExtendedLifetime(buffer) {} }
        let first = UnsafeRawBufferPointer(start: buffer.address, count: min(3, byteCount))
        var start = first.starts(with: CSVSource.byteOrderMark) ? 3 : 0
        for _ in 0..<lines { start = try nextLine(after: start) }
        return start
    }

    private static let searchedBytes = 8 << 10

    /// The offset behind the first line end at or behind `offset`; the end of the content if there is none.
    func nextLine(after offset: Int) throws(ZLError) -> Int {
        // why: a buffer that `load` keeps for blocks would be lost to them, and new memory for a block costs more than reading it.
        try withUnsafeTemporaryAllocation(byteCount: CSVSource.searchedBytes, alignment: 64) { bytes throws(ZLError) in
            guard let base = bytes.baseAddress else { return byteCount }
            var place = offset
            while place < byteCount {
                let count = try read(place..<min(byteCount, place + bytes.count), into: base)
                guard count > 0 else { break }
                if let hit = memchr(base, Int32(CSVDialect.newline), count) { return place + (hit - base) + 1 }
                place += count
            }
            return byteCount
        }
    }

    /// The number of the line that holds `offset`, from 1.
    func lineNumber(at offset: Int) -> Int {
        var line = 1
        var place = 0
        while place < min(offset, byteCount) {
            let range = place..<min(offset, byteCount, place + CSVSource.searchedBytes)
            guard let (buffer, _) = try? load(range) else { return line }
            for index in 0..<range.count where buffer.values(UInt8.self)[index] == CSVDialect.newline { line += 1 }
            place = range.upperBound
        }
        return line
    }

    /// The line at `offset` for a message, shortened when it is long.
    func line(at offset: Int) -> String {
        let range = offset..<min(byteCount, offset + 200)
        guard range.count > 0, let (buffer, _) = try? load(range) else { return "" }
        defer { withExtendedLifetime(buffer) {} }
        let bytes = UnsafeRawBufferPointer(start: buffer.address, count: range.count)
        let line = bytes.prefix { $0 != CSVDialect.newline && $0 != CSVDialect.carriageReturn }
        return TextParser.quoted(UnsafeRawBufferPointer(rebasing: line))
    }
}
