import Glibc
import Synchronization

/// The database file: two header slots, then blocks of 256 KiB, each with a checksum. The layout is written down in
/// docs/file-format.md.
///
/// A commit writes its segments and its catalog into free blocks, syncs, writes the other header slot, syncs.
final class DatabaseFile: Sendable {
    let path: String
    let space = BlockSpace()
    private let descriptor: Int32
    /// Blocks that segments of this process share and that are in memory already.
    private let resident = Mutex<[Int: WeakBuffer]>([:])

    private struct WeakBuffer {
        weak var buffer: Buffer?
    }

    private static let magic: UInt64 = 0x3142_444C_5153_4C5A  // "ZLSQLDB1", little endian
    static let version: UInt64 = 1
    private static let slotDistance: UInt64 = 4096
    private static let slotLength = 512
    private static let firstBlockOffset = 8192
    static let blockLength = 256 << 10
    private static let checksumLength = 8
    static let blockPayload = blockLength - checksumLength

    /// What a header slot says.
    struct Header {
        var generation: UInt64
        var block: Int
        var offset: Int
        var length: Int
    }

    /// Opens and locks the file; a writer makes it where it does not exist.
    init(path: String, isReadOnly: Bool) throws(ZLError) {
        self.path = path
        descriptor = Glibc.open(path, isReadOnly ? O_RDONLY | O_CLOEXEC : O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw DatabaseFile.failure("cannot open", path) }
        var lock = flock()
        lock.l_type = Int16(isReadOnly ? F_RDLCK : F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_len = 1
        guard fcntl(descriptor, F_SETLK, &lock) == 0 else {
            let reason = errno
            close(descriptor)
            guard reason == EAGAIN || reason == EACCES else {
                errno = reason
                throw DatabaseFile.failure("cannot lock", path)
            }
            throw ZLError(
                .io, "database_in_use", "the database \(path) is in use by another process",
                hint: "several readers (--readonly) may share a database, a writer has it alone")
        }
    }

    deinit { close(descriptor) }

    private static func failure(_ what: String, _ path: String) -> ZLError {
        ZLError(.io, "database_file", "\(what) the database \(path): \(String(cString: strerror(errno)))")
    }

    private var size: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? max(0, Int(status.st_size)) : 0
    }

    /// The newest slot that is whole; nil for a file that is empty.
    func header() throws(ZLError) -> Header? {
        if size == 0 { return nil }
        var newest: Header?
        var sawMagic = false
        for slot in 0..<2 {
            let buffer = Buffer(byteCount: DatabaseFile.slotLength)
            let count = pread(descriptor, buffer.address, DatabaseFile.slotLength, off_t(UInt64(slot) * DatabaseFile.slotDistance))
            guard count == DatabaseFile.slotLength else { continue }
            let words = buffer.values(UInt64.self)
            guard words[0] == DatabaseFile.magic else { continue }
            sawMagic = true
            guard words[1] == DatabaseFile.version else {
                throw ZLError(
                    .io, "database_version",
                    "the database \(path) has format version \(words[1]), this program reads version \(DatabaseFile.version)")
            }
            guard words[63] == DatabaseFile.slotChecksum(buffer), words[2] == UInt64(DatabaseFile.blockLength),
                let block = Int(exactly: words[4]), let offset = Int(exactly: words[5]), let length = Int(exactly: words[6])
            else { continue }
            if words[3] > newest?.generation ?? 0 {
                newest = Header(generation: words[3], block: block, offset: offset, length: length)
            }
        }
        if let newest { return newest }
        throw sawMagic
            ? ZLError(.corruption, "damaged_header", "both headers of the database \(path) are damaged")
            : ZLError(.io, "not_a_database", "\(path) is not a zlsql database")
    }

    /// Writes a header slot and syncs before and after, so that it never points at bytes that are not there.
    func write(_ header: Header) throws(ZLError) {
        guard fsync(descriptor) == 0 else { throw DatabaseFile.failure("cannot write", path) }
        let buffer = Buffer(byteCount: DatabaseFile.slotLength)
        buffer.zero()
        let words = buffer.values(UInt64.self)
        words[0] = DatabaseFile.magic
        words[1] = DatabaseFile.version
        words[2] = UInt64(DatabaseFile.blockLength)
        words[3] = header.generation
        words[4] = UInt64(header.block)
        words[5] = UInt64(header.offset)
        words[6] = UInt64(header.length)
        words[63] = DatabaseFile.slotChecksum(buffer)
        try write(
            UnsafeRawBufferPointer(start: buffer.address, count: DatabaseFile.slotLength),
            at: Int(header.generation % 2 * DatabaseFile.slotDistance))
        guard fsync(descriptor) == 0 else { throw DatabaseFile.failure("cannot write", path) }
    }

    private static func slotChecksum(_ slot: Buffer) -> UInt64 {
        checksum(UnsafeRawBufferPointer(start: slot.address, count: slotLength - checksumLength), seed: 0)
    }

    /// Writes a block's payload behind its checksum.
    func writeBlock(_ block: Int, _ payload: UnsafeRawBufferPointer) throws(ZLError) {
        resident.withLock { $0[block] = nil }
        let offset = DatabaseFile.firstBlockOffset + block * DatabaseFile.blockLength
        let checksum = DatabaseFile.checksum(payload, seed: UInt64(block))
        try withUnsafeBytes(of: checksum.littleEndian) { bytes in Result { () throws(ZLError) in try write(bytes, at: offset) } }.get()
        try write(payload, at: offset + DatabaseFile.checksumLength)
    }

    private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(ZLError) {
        var written = 0
        while written < bytes.count, let base = bytes.baseAddress {
            let count = pwrite(descriptor, base + written, bytes.count - written, off_t(offset + written))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DatabaseFile.failure("cannot write", path) }
            written += count
        }
    }

    /// The payloads of blocks one after the other, each held against its checksum; `name` is for the message where one is damaged.
    func read(_ blocks: Range<Int>, _ name: String) throws(ZLError) -> Buffer {
        if blocks.count == 1, let buffer = resident.withLock({ $0[blocks.lowerBound]?.buffer }) { return buffer }
        guard blocks.upperBound <= (size - DatabaseFile.firstBlockOffset) / DatabaseFile.blockLength else {
            throw ZLError(.corruption, "truncated_database", "the database \(path) ends before \(name)")
        }
        let payload = DatabaseFile.blockPayload
        let buffer = Buffer(byteCount: blocks.count * payload)
        for (index, block) in blocks.enumerated() {
            let place = buffer.address + index * payload
            var stored: UInt64 = 0
            let offset = DatabaseFile.firstBlockOffset + block * DatabaseFile.blockLength
            try read(&stored, DatabaseFile.checksumLength, at: offset)
            try read(place, payload, at: offset + DatabaseFile.checksumLength)
            guard DatabaseFile.checksum(UnsafeRawBufferPointer(start: place, count: payload), seed: UInt64(block)) == UInt64(littleEndian: stored)
            else {
                throw ZLError(
                    .corruption, "checksum", "\(name) in the database \(path) is damaged: the checksum of block \(block) does not match")
            }
        }
        if blocks.count == 1 {
            resident.withLock { resident in
                if resident.count > 1024 { resident = resident.filter { $0.value.buffer != nil } }
                resident[blocks.lowerBound] = WeakBuffer(buffer: buffer)
            }
        }
        return buffer
    }

    private func read(_ target: UnsafeMutableRawPointer, _ length: Int, at offset: Int) throws(ZLError) {
        var done = 0
        while done < length {
            let count = pread(descriptor, target + done, length - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DatabaseFile.failure("cannot read", path) }
            done += count
        }
    }

    private static func checksum(_ bytes: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
        var hash = XXHash64(seed: seed)
        hash.update(bytes)
        return hash.digest()
    }
}
