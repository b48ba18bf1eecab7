import CZlib
import CZstd
import Glibc
import ZLColumnar

/// Where written bytes go: a new file that takes its name only when all of it is written, or an open descriptor.
///
/// A path that ends in `.gz` or `.zst` is packed on the way. Without `commit` nothing remains of a file, so an error
/// leaves no partial output and an older file of that name as it was.
package final class OutputFile {
    private enum Packing {
        case none
        case gzip
        case zstd(OpaquePointer)
    }

    package let path: String
    private let descriptor: Int32
    /// The name until `commit`; nil where bytes go straight to their place.
    private let temporaryPath: String?
    private let ownsDescriptor: Bool
    private var packing = Packing.none
    private var deflater = z_stream()
    private let packed = Buffer(byteCount: packedCapacity)
    private var isCommitted = false

    private static let packedCapacity = 128 << 10
    /// Window bits 15, plus 16: a gzip header is written.
    private static let gzipWindowBits: Int32 = 31
    private static let gzipMemoryLevel: Int32 = 8
    private static let gzipLevel: Int32 = 6
    private static let zstdLevel: Int32 = 3

    /// Creates the file beside its final place.
    package init(path: String) throws(ZLError) {
        var status = stat()
        let isSpecial = stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
        if isSpecial, status.st_mode & S_IFMT == S_IFDIR {
            throw ZLError(.io, "is_a_directory", "cannot write \(path): it is a directory")
        }
        let target = isSpecial ? path : "\(path).part-\(getpid())"
        let flags = isSpecial ? O_WRONLY | O_CLOEXEC : O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
        descriptor = open(target, flags, 0o666)
        guard descriptor >= 0 else { throw InputFile.failure("write", path, errno) }
        self.path = path
        temporaryPath = isSpecial ? nil : target
        ownsDescriptor = true
        try startPacking()
    }

    /// Writes to a descriptor that stays open, standard output for example.
    package init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        path = name
        temporaryPath = nil
        ownsDescriptor = false
    }

    deinit {
        switch packing {
        case .none: break
        case .gzip: deflateEnd(&deflater)
        case .zstd(let context): ZSTD_freeCCtx(context)
        }
        if ownsDescriptor { close(descriptor) }
        if !isCommitted, let temporaryPath { unlink(temporaryPath) }
    }

    private func startPacking() throws(ZLError) {
        let noMemory = ZLError(.resource, "out_of_memory", "no memory for a compressor")
        if path.hasSuffix(".gz") {
            let code = deflateInit2_(
                &deflater, OutputFile.gzipLevel, Z_DEFLATED, OutputFile.gzipWindowBits, OutputFile.gzipMemoryLevel,
                Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
            guard code == Z_OK else { throw noMemory }
            packing = .gzip
        } else if path.hasSuffix(".zst") {
            guard let context = ZSTD_createCCtx() else { throw noMemory }
            packing = .zstd(context)
            ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, OutputFile.zstdLevel)
            ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(ZLError) { try write(bytes, isLast: false) }

    /// Ends the packed data and gives the file its name.
    package func commit() throws(ZLError) {
        try write(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
        if let temporaryPath, rename(temporaryPath, path) != 0 { throw InputFile.failure("write", path, errno) }
        isCommitted = true
    }

    private func write(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws(ZLError) {
        switch packing {
        case .none: try put(bytes)
        case .gzip: try deflateAll(bytes, isLast: isLast)
        case .zstd(let context): try compressAll(context, bytes, isLast: isLast)
        }
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws(ZLError) {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let written = Glibc.write(descriptor, base + done, bytes.count - done)
            if written < 0 {
                if errno == EINTR { continue }
                throw InputFile.failure("write", path, errno)
            }
            done += written
        }
    }

    private func deflateAll(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws(ZLError) {
        var consumed = 0
        repeat {
            // why: zlib counts in 32 bits.
            let piece = min(bytes.count - consumed, Int(Int32.max))
            deflater.next_in = bytes.baseAddress.map {
                UnsafeMutablePointer(mutating: ($0 + consumed).assumingMemoryBound(to: UInt8.self))
            }
            deflater.avail_in = UInt32(piece)
            consumed += piece
            let flush = isLast && consumed == bytes.count ? Z_FINISH : Z_NO_FLUSH
            repeat {
                deflater.next_out = packed.values(UInt8.self)
                deflater.avail_out = UInt32(packed.byteCount)
                deflate(&deflater, flush)
                try put(UnsafeRawBufferPointer(start: packed.address, count: packed.byteCount - Int(deflater.avail_out)))
            } while deflater.avail_out == 0
        } while consumed < bytes.count
    }

    private func compressAll(
        _ context: OpaquePointer, _ bytes: UnsafeRawBufferPointer, isLast: Bool
    ) throws(ZLError) {
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        while true {
            var output = ZSTD_outBuffer(dst: packed.address, size: packed.byteCount, pos: 0)
            let left = ZSTD_compressStream2(context, &output, &input, isLast ? ZSTD_e_end : ZSTD_e_continue)
            guard ZSTD_isError(left) == 0 else {
                throw ZLError(
                    .io, "cannot_write", "cannot write \(path): Zstandard says \(String(cString: ZSTD_getErrorName(left)))")
            }
            try put(UnsafeRawBufferPointer(start: packed.address, count: output.pos))
            if isLast ? left == 0 : input.pos == input.size { return }
        }
    }
}
