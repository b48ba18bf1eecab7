/// One dictionary of the texts of pieces that have dictionaries already: texts are looked at once an entry, not once a row, and none are
/// sorted.
struct DictionaryMerge {
    /// The dictionary of all pieces, strictly ascending.
    private(set) var dictionary: ColumnVector
    private var sources: [Source]

    private struct Source {
        let dictionary: ColumnVector
        /// Of each code: 1 where some row has it; then its place in the merged dictionary.
        let translation: Buffer

        var codes: UnsafeMutablePointer<UInt32> { translation.values(UInt32.self) }
        var entries: UnsafePointer<StringView> { UnsafePointer(dictionary.values(StringView.self)) }
    }

    /// More dictionaries than this are not merged.
    private static let mostSources = 4

    /// nil unless all pieces share few dictionaries, each strictly ascending, and no more than `most` texts are in use.
    ///
    /// - Complexity: O(rows + entries of the dictionaries)
    init?(_ pieces: [ColumnVector], most: Int) {
        sources = []
        for piece in pieces {
            guard piece.form == .dictionary, let dictionary = piece.dictionary else { return nil }
            if sources.last?.dictionary !== dictionary, !sources.contains(where: { $0.dictionary === dictionary }) {
                guard sources.count < DictionaryMerge.mostSources, StringDictionary.isAscending(dictionary) else { return nil }
                let translation = Buffer(byteCount: max(16, dictionary.count * 4))
                translation.zero()
                sources.append(Source(dictionary: dictionary, translation: translation))
            }
        }
        dictionary = sources[0].dictionary
        for piece in pieces { DictionaryMerge.mark(piece, in: source(of: piece)) }
        guard merge(most: most) else { return nil }
    }

    private func source(of piece: ColumnVector) -> Source {
        sources.first { $0.dictionary === piece.dictionary } ?? sources[0]
    }

    private static func mark(_ piece: ColumnVector, in source: Source) {
        let (marks, codes) = (source.codes, piece.codes)
        if piece.mayHaveNulls {
            for row in 0..<piece.count where !piece.isNull(row) { marks[Int(codes[row])] = 1 }
        } else {
            for row in 0..<piece.count { marks[Int(codes[row])] = 1 }
        }
    }

    /// Makes the dictionary of the marked entries and the translations to it; false where they are too many, or none.
    private mutating func merge(most: Int) -> Bool {
        if sources.count == 1, (0..<dictionary.count).allSatisfy({ sources[0].codes[$0] == 1 }) {
            for code in 0..<dictionary.count { sources[0].codes[code] = UInt32(truncatingIfNeeded: code) }
            return dictionary.count <= most
        }
        let builder = ColumnBuilder(type: dictionary.type)
        var count = 0
        withExtendedLifetime(sources) {
            var cursors = sources.map { Cursor(entries: $0.entries, codes: $0.codes, end: $0.dictionary.count) }
            for index in cursors.indices { cursors[index].skipUnmarked() }
            while count < most, let text = DictionaryMerge.least(cursors) {
                for index in cursors.indices where cursors[index].next < cursors[index].end && cursors[index].text.pointee == text.pointee {
                    cursors[index].codes[cursors[index].next] = UInt32(truncatingIfNeeded: count)
                    cursors[index].next += 1
                    cursors[index].skipUnmarked()
                }
                builder.append(bytes: text.bytes)
                count += 1
            }
            if cursors.contains(where: { $0.next < $0.end }) { count = 0 }
        }
        dictionary = builder.finish()
        return count > 0
    }

    /// A place among the marked entries of a source.
    private struct Cursor {
        let entries: UnsafePointer<StringView>
        let codes: UnsafeMutablePointer<UInt32>
        let end: Int
        var next = 0

        var text: UnsafePointer<StringView> { entries + next }

        mutating func skipUnmarked() {
            while next < end, codes[next] == 0 { next += 1 }
        }
    }

    private static func least(_ cursors: [Cursor]) -> UnsafePointer<StringView>? {
        var least: UnsafePointer<StringView>?
        for cursor in cursors where cursor.next < cursor.end {
            guard let found = least else {
                least = cursor.text
                continue
            }
            let (a, b) = (cursor.text.prefix, found.prefix)
            if a < b || a == b && StringView.compare(cursor.text, found) < 0 { least = cursor.text }
        }
        return least
    }

    /// Writes the codes of a piece's rows; NULL has code 0.
    func translate(_ piece: ColumnVector, into target: UnsafeMutablePointer<UInt32>) {
        let source = source(of: piece)
        let (translation, codes) = (source.codes, piece.codes)
        if piece.mayHaveNulls {
            for row in 0..<piece.count { target[row] = piece.isNull(row) ? 0 : translation[Int(codes[row])] }
        } else {
            for row in 0..<piece.count { target[row] = translation[Int(codes[row])] }
        }
        withExtendedLifetime(source) {}
    }
}
