/// One dictionary for all row groups of a text column in memory whose texts are too many for a dictionary a row group, but come again and
/// again in the whole table. Where the rows are grouped by such a column its codes are the keys.
///
/// Codes number the texts in the order in which the rows bring them up, so texts of rows behind are added without a change to the codes
/// before; those in binary order would have to be made again.
package enum SharedTexts {
    /// Fewer texts are looked up once a row group as fast.
    package static let fewest = 1 << 12
    /// Rows that there must be for each text.
    package static let rowsPerText = 8
    private static let most = 1 << 22

    /// The dictionary of all of the column's vectors, which are put in that form where they are not yet; nil where that is not worth it or
    /// some of the rows are not in memory.
    ///
    /// Whoever read the segments before keeps vectors of the form that they had then.
    ///
    /// - Complexity: O(segments) where the form is there, O(rows that are not in that form + texts) else; texts that are too many or
    ///   too few are tried once.
    package static func dictionary(of segments: [Segment], threads: Int) throws(ZLError) -> ColumnVector? {
        var columns: [PiecedColumn] = []
        for segment in segments {
            guard let column = segment.texts else { return nil }
            columns.append(column)
        }
        let rows = columns.reduce(0) { $0 + $1.count }
        guard let known = columns.first?.pieces.first, rows >= fewest * rowsPerText else { return nil }
        let shared = known.dictionary.flatMap { $0.count >= fewest ? $0 : nil }
        let missing = columns.indices.filter { index in shared == nil || columns[index].pieces.contains { $0.dictionary !== shared } }
        if let shared, missing.isEmpty { return shared.count * rowsPerText <= rows ? shared : nil }
        let looked = columns.reduce(0) { total, column in total + column.pieces.reduce(0) { $0 + ($1.dictionary?.count ?? $1.count) } }
        guard looked >= fewest else { return nil }

        let most = min(most, rows / rowsPerText)
        let numbered = try number(missing.map { columns[$0] }, behind: shared, most: most, threads: threads)
        guard let numbered, numbered.dictionary.count >= fewest else {
            for segment in segments { segment.keepApart() }
            return nil
        }
        let dictionary = numbered.dictionary
        for (index, codes) in zip(missing, numbered.codes) { segments[index].replace(columns[index], with: [coded(columns[index], codes, dictionary)]) }
        if dictionary !== shared {
            let done = Set(missing)
            for index in columns.indices where !done.contains(index) {
                segments[index].replace(columns[index], with: columns[index].pieces.map { $0.withDictionary(dictionary) })
            }
        }
        return dictionary
    }

    /// What one task found in neighbouring columns: their codes, and the texts of these.
    private struct Part: Sendable {
        let codes: [Buffer]
        let texts: ColumnVector
    }

    /// The codes of each column; nil where the texts are more than `most`.
    ///
    /// - Parameter shared: what has the first codes.
    private static func number(
        _ columns: [PiecedColumn], behind shared: ColumnVector?, most: Int, threads: Int
    ) throws(ZLError) -> (codes: [Buffer], dictionary: ColumnVector)? {
        guard let type = columns.first?.pieces.first?.type else { return nil }
        let tasks = max(1, min(threads, columns.count))
        let parts = try WorkerPool.shared.map(count: tasks, threads: threads) { task throws(ZLError) -> Part? in
            let texts = TextNumbers(most: most, keepsBytes: false, numbersNull: false)
            var codes: [Buffer] = []
            for column in columns[columns.count * task / tasks..<columns.count * (task + 1) / tasks] {
                let buffer = Buffer(byteCount: max(16, column.count * 4))
                var place = 0
                for piece in column.pieces {
                    guard texts.number(piece, into: buffer.values(UInt32.self) + place) else { return nil }
                    place += piece.count
                }
                codes.append(buffer)
            }
            return Part(codes: codes, texts: texts.keyColumn(type))
        }
        let whole = TextNumbers(most: most, keepsBytes: true, numbersNull: false)
        if let shared {
            let places = Buffer(byteCount: shared.count * 4)
            guard whole.number(shared, into: places.values(UInt32.self)) else { return nil }
        }
        var translations: [Buffer] = []
        for part in parts {
            guard let part else { return nil }
            let translation = Buffer(byteCount: max(16, part.texts.count * 4))
            translation.values(UInt32.self)[0] = 0
            guard whole.number(part.texts, into: translation.values(UInt32.self)) else { return nil }
            translations.append(translation)
        }
        let found = translations
        try translate(parts.compactMap { $0 }, columns, found, threads)
        if let shared, whole.count == shared.count { return (parts.flatMap { $0?.codes ?? [] }, shared) }
        return (parts.flatMap { $0?.codes ?? [] }, whole.keyColumn(type))
    }

    /// Makes a task's codes those of the whole. NULL keeps code 0.
    private static func translate(_ parts: [Part], _ columns: [PiecedColumn], _ translations: [Buffer], _ threads: Int) throws(ZLError) {
        _ = try WorkerPool.shared.map(count: parts.count, threads: threads) { task throws(ZLError) -> Bool in
            let translation = translations[task].values(UInt32.self)
            let first = columns.count * task / parts.count
            for (index, buffer) in parts[task].codes.enumerated() {
                let codes = buffer.values(UInt32.self)
                for row in 0..<columns[first + index].count { codes[row] = translation[Int(codes[row])] }
            }
            return true
        }
    }

    private static func coded(_ column: PiecedColumn, _ codes: Buffer, _ dictionary: ColumnVector) -> ColumnVector {
        let validity = StringDictionary.validity(column.pieces, column.count)
        if let validity {
            for row in 0..<column.count where !validity.isValid(row) { codes.values(UInt32.self)[row] = 0 }
        }
        return ColumnVector(
            type: dictionary.type, form: .dictionary, count: column.count, buffer: codes, validity: validity, dictionary: dictionary)
    }
}
