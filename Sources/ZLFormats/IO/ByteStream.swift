import CZlib
import CZstd
import Glibc
import ZLColumnar

/// The content of a file from front to back, unpacked on the way: plain, gzip (several members) or Zstandard (several frames,
/// skippable ones, checksums verified).
///
/// One thread uses it. Packed data that ends in the middle of a frame is an error, never a short result.
package final class ByteStream {
    package let file: InputFile
    package let compression: Compression
    /// Bytes handed out so far.
    package private(set) var position = 0
    private let input: Buffer
    private var inputCount = 0
    private var inputPosition = 0
    private var fileOffset = 0
    private var zstd: OpaquePointer?
    private var gzip = z_stream()
    private var gzipStarted = false
    /// Whether the unpacker stands between two frames, where the file may end.
    private var atFrameEnd = true

    private static let inputCapacity = 256 << 10
    /// Window bits 15, plus 16: a gzip header is expected.
    private static let gzipWindowBits: Int32 = 31

    package init(_ file: InputFile) throws(ZLError) {
        self.file = file
        input = Buffer(byteCount: min(ByteStream.inputCapacity, max(file.byteCount, 64)))
        inputCount = try file.read(input.byteCount, at: 0, into: input.address)
        fileOffset = inputCount
        compression = Compression(firstBytes: UnsafeRawBufferPointer(start: input.address, count: inputCount))
        switch compression {
        case .none: break
        case .zstd:
            zstd = ZSTD_createDCtx()
            guard zstd != nil else { throw ByteStream.outOfMemory }
        case .gzip:
            guard inflateInit2_(&gzip, ByteStream.gzipWindowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
            else { throw ByteStream.outOfMemory }
            gzipStarted = true
        }
    }

    deinit {
        if let zstd { ZSTD_freeDCtx(zstd) }
        if gzipStarted { inflateEnd(&gzip) }
    }

    private static let outOfMemory = ZLError(.resource, "out_of_memory", "no memory for a decompressor")

    /// The first bytes of the file as they are on disk.
    package var firstBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: input.address, count: position == 0 ? inputCount : 0)
    }

    /// Reads up to `count` bytes; fewer only at the end.
    package func read(_ count: Int, into target: UnsafeMutableRawPointer) throws(ZLError) -> Int {
        let found =
            switch compression {
            case .none: try readPlain(count, into: target)
            case .zstd: try readZstd(count, into: target)
            case .gzip: try readGzip(count, into: target)
            }
        position += found
        return found
    }

    /// Everything that is left.
    package func readAll() throws(ZLError) -> (buffer: Buffer, byteCount: Int) {
        var buffer = Buffer(byteCount: max(1 << 16, compression == .none ? file.byteCount + 1 : file.byteCount * 4))
        var count = 0
        while true {
            count += try read(buffer.byteCount - count, into: buffer.address + count)
            if count < buffer.byteCount { return (buffer, count) }
            let larger = Buffer(byteCount: buffer.byteCount * 2)
            larger.address.copyMemory(from: buffer.address, byteCount: count)
            buffer = larger
        }
    }

    private func readPlain(_ count: Int, into target: UnsafeMutableRawPointer) throws(ZLError) -> Int {
        let buffered = min(count, inputCount - inputPosition)
        target.copyMemory(from: input.address + inputPosition, byteCount: buffered)
        inputPosition += buffered
        guard buffered < count else { return buffered }
        let found = try file.read(count - buffered, at: fileOffset, into: target + buffered)
        fileOffset += found
        return buffered + found
    }

    /// Whether there is packed input left.
    private func refill() throws(ZLError) -> Bool {
        guard inputPosition == inputCount else { return true }
        inputCount = try file.read(input.byteCount, at: fileOffset, into: input.address)
        inputPosition = 0
        fileOffset += inputCount
        return inputCount > 0
    }

    private func readZstd(_ count: Int, into target: UnsafeMutableRawPointer) throws(ZLError) -> Int {
        var output = ZSTD_outBuffer(dst: target, size: count, pos: 0)
        while output.pos < count {
            // why: a full output may leave unpacked bytes inside the context, so it is asked even when no input is left.
            let hasInput = try refill()
            if !hasInput, atFrameEnd { break }
            var source = ZSTD_inBuffer(src: input.address, size: inputCount, pos: inputPosition)
            let before = output.pos
            let result = ZSTD_decompressStream(zstd, &output, &source)
            inputPosition = source.pos
            if ZSTD_isError(result) != 0 {
                throw corrupt("Zstandard", String(cString: ZSTD_getErrorName(result)))
            }
            atFrameEnd = result == 0
            if !hasInput, output.pos == before, !atFrameEnd { throw truncated("Zstandard") }
        }
        return output.pos
    }

    private func readGzip(_ count: Int, into target: UnsafeMutableRawPointer) throws(ZLError) -> Int {
        var done = 0
        while done < count {
            guard try refill() else {
                if atFrameEnd { break }
                throw truncated("gzip")
            }
            // why: zeros behind the last member are padding, other bytes begin a member.
            if atFrameEnd, fileOffset > inputCount || inputPosition > 0, onlyZerosBuffered() {
                inputPosition = inputCount
                continue
            }
            atFrameEnd = false
            let room = min(count - done, Int(UInt32.max))
            gzip.next_in = (input.address + inputPosition).assumingMemoryBound(to: UInt8.self)
            gzip.avail_in = UInt32(inputCount - inputPosition)
            gzip.next_out = (target + done).assumingMemoryBound(to: UInt8.self)
            gzip.avail_out = UInt32(room)
            let code = inflate(&gzip, Z_NO_FLUSH)
            inputPosition = inputCount - Int(gzip.avail_in)
            done += room - Int(gzip.avail_out)
            if code == Z_STREAM_END {
                atFrameEnd = true
                inflateReset(&gzip)
            } else if code != Z_OK && code != Z_BUF_ERROR {
                throw corrupt("gzip", gzip.msg.map { String(cString: $0) } ?? "zlib code \(code)")
            }
        }
        return done
    }

    private func onlyZerosBuffered() -> Bool {
        (inputPosition..<inputCount).allSatisfy { input.values(UInt8.self)[$0] == 0 }
    }

    private func corrupt(_ format: String, _ reason: String) -> ZLError {
        ZLError(
            .io, "corrupt_file", "\(file.path): the \(format) data are damaged near byte \(consumedBytes): \(reason)")
    }

    private func truncated(_ format: String) -> ZLError {
        ZLError(
            .io, "truncated_file", "\(file.path) is cut off: the \(format) data end in the middle of a frame at byte \(consumedBytes)")
    }

    /// Packed bytes used so far.
    private var consumedBytes: Int { fileOffset - inputCount + inputPosition }
}
