import Glibc

/// The database file: two header slots, then segments and catalogs one after the other, each with a checksum.
///
/// A commit appends what is new, syncs, writes the other header slot, syncs. A slot holds magic, format version, generation and
/// the place of the generation's catalog. The layout is written down in docs/file-format.md.
final class DatabaseFile: Sendable {
    let path: String
    private let descriptor: Int32

    private static let magic: UInt64 = 0x3142_444C_5153_4C5A  // "ZLSQLDB1", little endian
    static let version: UInt64 = 0
    private static let slotDistance: UInt64 = 4096
    private static let slotLength = 64
    static let firstOffset: UInt64 = 8192

    /// What a header slot says.
    struct Header {
        var generation: UInt64
        var rootOffset: UInt64
        var rootLength: UInt64
        var rootChecksum: UInt64
        /// Bytes of the file that belong to this generation or an older one.
        var end: UInt64
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

    var size: UInt64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? UInt64(max(0, status.st_size)) : 0
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
            guard words[7] == DatabaseFile.checksum(UnsafeRawBufferPointer(start: buffer.address, count: 56)) else { continue }
            let found = Header(
                generation: words[2], rootOffset: words[3], rootLength: words[4], rootChecksum: words[5], end: words[6])
            if found.generation > newest?.generation ?? 0 { newest = found }
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
        let words = buffer.values(UInt64.self)
        words[0] = DatabaseFile.magic
        words[1] = DatabaseFile.version
        words[2] = header.generation
        words[3] = header.rootOffset
        words[4] = header.rootLength
        words[5] = header.rootChecksum
        words[6] = header.end
        words[7] = DatabaseFile.checksum(UnsafeRawBufferPointer(start: buffer.address, count: 56))
        try write(UnsafeRawBufferPointer(start: buffer.address, count: DatabaseFile.slotLength), at: header.generation % 2 * DatabaseFile.slotDistance)
        guard fsync(descriptor) == 0 else { throw DatabaseFile.failure("cannot write", path) }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(ZLError) {
        var written = 0
        while written < bytes.count, let base = bytes.baseAddress {
            let count = pwrite(descriptor, base + written, bytes.count - written, off_t(offset) + off_t(written))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DatabaseFile.failure("cannot write", path) }
            written += count
        }
    }

    /// Bytes whose checksum is known; `name` is for the message where they are not what they were.
    func read(at offset: UInt64, length: UInt64, checksum: UInt64, _ name: String) throws(ZLError) -> Buffer {
        let total = size
        guard offset <= total, length <= total - offset, length < 1 << 40 else {
            throw ZLError(.corruption, "truncated_database", "the database \(path) ends before \(name)")
        }
        let buffer = Buffer(byteCount: Int(length))
        var done = 0
        while done < Int(length) {
            let count = pread(descriptor, buffer.address + done, Int(length) - done, off_t(offset) + off_t(done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw DatabaseFile.failure("cannot read", path) }
            done += count
        }
        guard DatabaseFile.checksum(UnsafeRawBufferPointer(start: buffer.address, count: Int(length))) == checksum else {
            throw ZLError(.corruption, "checksum", "\(name) in the database \(path) is damaged: its checksum does not match")
        }
        return buffer
    }

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = XXHash64()
        hash.update(bytes)
        return hash.digest()
    }
}
