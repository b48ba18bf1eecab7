import Glibc
import ZLColumnar

/// A file opened for reading. Reads take their position, so several threads may share it.
package final class InputFile: Sendable {
    package let path: String
    package let byteCount: Int
    private let descriptor: Int32

    package init(path: String) throws(ZLError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw InputFile.failure("open", path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw InputFile.failure("open", path, code)
        }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw ZLError(.io, "is_a_directory", "cannot read \(path): it is a directory", hint: "name files, for example with *")
        }
        self.path = path
        self.descriptor = descriptor
        byteCount = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// Reads up to `count` bytes at `offset`; fewer only at the end of the file.
    package func read(_ count: Int, at offset: Int, into target: UnsafeMutableRawPointer) throws(ZLError) -> Int {
        var done = 0
        while done < count {
            let found = pread(descriptor, target + done, count - done, off_t(offset + done))
            if found == 0 { break }
            if found < 0 {
                if errno == EINTR { continue }
                throw InputFile.failure("read", path, errno)
            }
            done += found
        }
        return done
    }

    static func failure(_ action: String, _ path: String, _ code: Int32) -> ZLError {
        let reason = String(cString: strerror(code))
        return ZLError(.io, code == EPIPE ? "broken_pipe" : "cannot_\(action)", "cannot \(action) \(path): \(reason) (errno \(code))")
    }
}
