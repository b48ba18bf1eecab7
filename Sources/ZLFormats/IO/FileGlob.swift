import Glibc
import ZLColumnar

/// Finds the files that a pattern names: `*`, `?`, `[a-z]` within a folder, `**` for any number of folders.
package enum FileGlob {
    /// Paths in binary order. A pattern without wildcards names itself; one that matches nothing is an error.
    package static func expand(_ pattern: String) throws(ZLError) -> [String] {
        guard hasWildcard(pattern), access(pattern, F_OK) != 0 else { return [pattern] }
        var found: [String] = []
        let parts = pattern.split(separator: "/", omittingEmptySubsequences: true).map { String($0) }
        walk(pattern.hasPrefix("/") ? "/" : "", parts[...], depth: 0, into: &found)
        let files = Set(found).filter { !isFolder($0) }
        guard !files.isEmpty else {
            throw ZLError(.io, "no_files", "no file matches \"\(pattern)\"")
        }
        return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Every file under `folder` and its sub-folders whose name ends in one of `endings`, in binary order.
    package static func files(under folder: String, endings: [String]) -> [String] {
        var found: [String] = []
        walk(folder.hasSuffix("/") ? folder : folder + "/", ["**", "*"], depth: 0, into: &found)
        let files = Set(found).filter { path in endings.contains { path.hasSuffix($0) } && !isFolder(path) }
        return files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    package static func hasWildcard(_ pattern: String) -> Bool {
        pattern.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") }
    }

    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static let deepestFolder = 32

    /// Adds what `parts` match below `base`, which is empty or ends in `/`.
    private static func walk(_ base: String, _ parts: ArraySlice<String>, depth: Int, into found: inout [String]) {
        guard let part = parts.first, depth <= deepestFolder else { return }
        let rest = parts.dropFirst()
        if part == "**" {
            walk(base, rest, depth: depth + 1, into: &found)
            for name in entries(base) where isFolder(base + name) && !isLink(base + name) {
                walk(base + name + "/", parts, depth: depth + 1, into: &found)
            }
            return
        }
        let names = hasWildcard(part) ? entries(base).filter { fnmatch(part, $0, FNM_PERIOD) == 0 } : [part]
        for name in names {
            let path = base + name
            if rest.isEmpty {
                if access(path, F_OK) == 0 { found.append(path) }
            } else if isFolder(path) {
                walk(path + "/", rest, depth: depth + 1, into: &found)
            }
        }
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// Names in a folder without hidden ones; none if it cannot be read.
    private static func entries(_ folder: String) -> [String] {
        guard let handle = opendir(folder.isEmpty ? "." : folder) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }
}
