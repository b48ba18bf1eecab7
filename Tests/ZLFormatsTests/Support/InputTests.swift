import Foundation
import Testing
import ZLColumnar
import ZLFormats

@Suite struct InputTests {
    @Test func globsFindSortedFiles() throws {
        try TestFiles.withFolder { folder in
            for name in ["b.csv", "a.csv", "c.txt", "sub/d.csv", "sub/deep/e.csv", ".hidden.csv"] {
                try TestFiles.write("x", to: folder + "/" + name)
            }
            func names(_ pattern: String) throws -> [String] {
                try FileGlob.expand(folder + "/" + pattern).map { String($0.dropFirst(folder.count + 1)) }
            }
            #expect(try names("*.csv") == ["a.csv", "b.csv"])
            #expect(try names("[b-c].*") == ["b.csv", "c.txt"])
            #expect(try names("*/?.csv") == ["sub/d.csv"])
            #expect(try names("**/*.csv") == ["a.csv", "b.csv", "sub/d.csv", "sub/deep/e.csv"])
            #expect(try names("nothing.csv") == ["nothing.csv"])
            let none = errorMessage { _ = try names("*.dbn") }
            #expect(none?.contains("no file matches") == true)
            #expect(FileGlob.files(under: folder, endings: [".csv"]).count == 4)
        }
    }

    @Test func openErrorsNamePathAndErrno() throws {
        let message = errorMessage { _ = try InputFile(path: "/nonexistent/file.csv") }
        #expect(message?.contains("/nonexistent/file.csv") == true && message?.contains("errno 2") == true)
        let folder = errorMessage { _ = try InputFile(path: "/") }
        #expect(folder?.contains("directory") == true)
    }

    /// Reference values of the xxHash project's own test (seed 0) and of known texts.
    @Test func digestsAreThoseOfXXHash() {
        func digest(_ text: String, pieces: Int = 1) -> UInt64 {
            var hash = XXHash64()
            let bytes = Array(text.utf8)
            let size = max(1, bytes.count / pieces)
            for start in stride(from: 0, to: bytes.count, by: size) {
                bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { hash.update($0) }
            }
            return hash.digest()
        }
        #expect(digest("") == 0xEF46_DB37_51D8_E999)
        #expect(digest("a") == 0xD24E_C4F1_A98C_6E5B)
        #expect(digest("abc") == 0x44BC_2CF5_AD77_0999)
        let long = "Nobody inspects the spammish repetition"
        #expect(digest(long) == 0xFBCE_A83C_8A37_8BF1)
        #expect(digest(long, pieces: 7) == 0xFBCE_A83C_8A37_8BF1)
    }

    private func run(_ command: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func gzipMembersAreReadOneAfterTheOther() throws {
        try TestFiles.withFolder { folder in
            let text = String(repeating: "hello world ", count: 100_000)
            try TestFiles.write(text, to: folder + "/a")
            try run("cd \(folder) && gzip -c a > two.gz && gzip -c a >> two.gz && head -c 900 two.gz > cut.gz")
            let (buffer, count) = try ByteStream(try InputFile(path: folder + "/two.gz")).readAll()
            #expect(String(decoding: UnsafeRawBufferPointer(start: buffer.address, count: count), as: UTF8.self) == text + text)
            let message = errorMessage { _ = try ByteStream(try InputFile(path: folder + "/cut.gz")).readAll() }
            #expect(message?.contains("cut off") == true)
        }
    }
}
