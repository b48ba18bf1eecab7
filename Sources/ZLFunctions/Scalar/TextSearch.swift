/// Finding, replacing and splitting, over bytes.
enum TextSearch {
    /// The offset of the first occurrence; 0 for an empty part.
    static func find<Bytes: RandomAccessCollection, Part: RandomAccessCollection>(
        _ part: Part, in text: Bytes
    ) -> Int? where Bytes.Element == UInt8, Part.Element == UInt8, Bytes.Index == Int, Part.Index == Int {
        if part.isEmpty { return 0 }
        guard text.count >= part.count else { return nil }
        for offset in 0...(text.count - part.count) {
            var matched = 0
            while matched < part.count, text[text.startIndex + offset + matched] == part[part.startIndex + matched] { matched += 1 }
            if matched == part.count { return offset }
        }
        return nil
    }

    static func replace(_ old: String, by new: String, in text: String) -> String {
        old.isEmpty ? text : split(text, at: old).joined(separator: new)
    }

    /// The pieces between occurrences of a separator; the whole text where the separator is empty.
    static func split(_ text: String, at separator: String) -> [String] {
        let part = Array(separator.utf8)
        if part.isEmpty { return [text] }
        var rest = Array(text.utf8)[...]
        var pieces: [String] = []
        while let offset = find(part, in: rest) {
            pieces.append(String(decoding: rest.prefix(offset), as: UTF8.self))
            rest = rest.dropFirst(offset + part.count)
        }
        pieces.append(String(decoding: rest, as: UTF8.self))
        return pieces
    }
}
