import ZLColumnar

extension ZLError {
    /// The error as a person reads it: where, what, the source line with a caret line under it, and the hint.
    ///
    ///     pipeline.sql:3:15: binding error: there is no table "brs"
    ///       SELECT * FROM brs
    ///                     ^^^
    ///     hint: did you mean "bars"?
    ///
    /// `source` is the text that the error's range counts in, after moving it by `offset`: a script of which the statement begins there.
    public func report(in source: [UInt8], named name: String?, offset: Int = 0) -> String {
        var text = ""
        var excerpt: SourceExcerpt?
        if let range {
            let found = SourceExcerpt(source, range.lowerBound + offset..<range.upperBound + offset)
            if let name { text += "\(name):\(found.lineNumber):\(found.columnNumber): " }
            excerpt = found
        } else if let name {
            text += "\(name):\(SourceExcerpt(source, offset..<offset).lineNumber): "
        }
        text += self == .interrupted ? message : "\(kind.title) error: \(message)"
        if let excerpt {
            text += "\n  \(excerpt.line)\n  \(excerpt.caretLine)"
        }
        if let hint { text += "\nhint: \(hint)" }
        return text
    }
}

extension ZLError.Class {
    var title: String { self == .io ? "file" : rawValue }
}

/// The line that a range of a text begins in, and the marks under it.
struct SourceExcerpt {
    private static let maximumLength = 160

    /// Counted from 1.
    private(set) var lineNumber = 1
    /// Counted from 1, in characters.
    private(set) var columnNumber = 1
    private(set) var line = ""
    private(set) var caretLine = ""

    init(_ source: [UInt8], _ range: Range<Int>) {
        let start = min(max(range.lowerBound, 0), source.count)
        let end = min(max(range.upperBound, start), source.count)
        var lineStart = 0
        for index in 0..<start where source[index] == 10 {
            lineNumber += 1
            lineStart = index + 1
        }
        let lineEnd = source[start...].firstIndex(of: 10) ?? source.count
        let before = SourceExcerpt.characters(source[lineStart..<start])
        let marked = SourceExcerpt.characters(source[start..<min(end, lineEnd)])
        let after = SourceExcerpt.characters(source[min(end, lineEnd)..<lineEnd])
        columnNumber = before.count + 1
        // why: one line of a generated script may be megabytes long.
        let shownBefore = before.suffix(SourceExcerpt.maximumLength / 2)
        let shownMarked = marked.prefix(SourceExcerpt.maximumLength / 2)
        let room = max(0, SourceExcerpt.maximumLength - shownBefore.count - shownMarked.count)
        line = String(shownBefore + shownMarked + after.prefix(shownMarked.count == marked.count ? room : 0))
        caretLine =
            String(repeating: " ", count: shownBefore.count) + String(repeating: "^", count: max(1, shownMarked.count))
    }

    /// Tabs and control characters as blanks, so that the caret stands where it should.
    private static func characters(_ bytes: ArraySlice<UInt8>) -> [Character] {
        String(decoding: bytes, as: UTF8.self).map { character in
            character.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 } ? character : " "
        }
    }
}
