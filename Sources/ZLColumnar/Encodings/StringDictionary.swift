/// Text columns whose values repeat, as codes into their distinct values in binary order.
package enum StringDictionary {
    /// More distinct values than this are no dictionary.
    static let limit = 1 << 16

    /// How many distinct values a dictionary of so many rows may have.
    static func most(_ rowCount: Int) -> Int { min(limit, rowCount / 4 + 1) }

    /// The rows of all pieces as one column in dictionary form; nil where it would not be smaller, and for layouts other than text.
    ///
    /// Rows that are NULL have code 0. - Complexity: O(rows + d log d) for d distinct values
    package static func build(_ pieces: [ColumnVector]) -> ColumnVector? {
        let count = pieces.reduce(0) { $0 + $1.count }
        guard let type = pieces.first?.type, type.physical == .string, count > 1 else { return nil }
        let most = most(count)
        guard let merge = DictionaryMerge(pieces, most: most) else {
            return hardlyRepeats(pieces, count) ? nil : numbered(pieces, type, count, most: most)
        }
        let codes = Buffer(byteCount: count * 4)
        var place = 0
        for piece in pieces {
            merge.translate(piece, into: codes.values(UInt32.self) + place)
            place += piece.count
        }
        return withExtendedLifetime(pieces) { coded(pieces, type, codes, merge.dictionary) }
    }

    /// Whether the texts of a dictionary are in strictly ascending order. - Complexity: O(texts)
    package static func isAscending(_ dictionary: ColumnVector) -> Bool {
        guard dictionary.form == .flat, !dictionary.mayHaveNulls else { return false }
        let entries = dictionary.values(StringView.self)
        for code in 1..<max(1, dictionary.count) {
            let (last, next) = ((entries + code - 1).prefix, (entries + code).prefix)
            guard last < next || last == next && StringView.compare(entries + code - 1, entries + code) < 0 else { return false }
        }
        return dictionary.count > 0
    }

    /// So many rows are few: their texts are numbered whether they repeat or not.
    private static let fewRows = 1 << 14

    /// The rows of all pieces as codes into their distinct texts in binary order, for rows that are asked for many times; nil for many rows
    /// that do not come as codes, for too many texts, and for layouts other than text.
    ///
    /// - Complexity: O(rows + entries of the dictionaries + d log d) for d distinct values
    package static func numbered(_ pieces: [ColumnVector]) -> ColumnVector? {
        let count = pieces.reduce(0) { $0 + $1.count }
        guard let type = pieces.first?.type, type.physical == .string, count > 0 else { return nil }
        guard count <= fewRows || pieces.allSatisfy({ $0.form == .dictionary }) else { return nil }
        return numbered(pieces, type, count, most: max(fewRows, most(count)))
    }

    private static func numbered(_ pieces: [ColumnVector], _ type: DataType, _ count: Int, most: Int) -> ColumnVector? {
        let codes = Buffer(byteCount: count * 4)
        let target = codes.values(UInt32.self)
        let texts = TextNumbers(most: most, keepsBytes: false, numbersNull: false)
        var place = 0
        for piece in pieces {
            guard texts.number(piece, into: target + place) else { return nil }
            place += piece.count
        }
        guard texts.count > 0 else { return nil }
        let (dictionary, ranks) = texts.sorted(type)
        if ranks.indices.contains(where: { ranks[$0] != $0 }) {
            ranks.withUnsafeBufferPointer { ranks in
                for row in 0..<count { target[row] = ranks[Int(target[row])] }
            }
        }
        return withExtendedLifetime(pieces) { coded(pieces, type, codes, dictionary) }
    }

    /// Codes with the NULLs of the pieces that they are of.
    private static func coded(_ pieces: [ColumnVector], _ type: DataType, _ codes: Buffer, _ dictionary: ColumnVector) -> ColumnVector {
        let count = pieces.reduce(0) { $0 + $1.count }
        let validity = validity(pieces, count)
        if let validity {
            for row in 0..<count where !validity.isValid(row) { codes.values(UInt32.self)[row] = 0 }
        }
        return ColumnVector(type: type, form: .dictionary, count: count, buffer: codes, validity: validity, dictionary: dictionary)
    }

    /// Rows of a sample are taken in runs from all over the pieces, for texts may come in turns: the symbols of one minute, then those of
    /// the next.
    private static let (sampleRuns, sampleRun) = (64, 64)

    /// Whether a sample says that the texts are too many: of as many as a row group's dictionary may have, if they are equally frequent,
    /// one in sixteen rows of the sample repeats another.
    private static func hardlyRepeats(_ pieces: [ColumnVector], _ count: Int) -> Bool {
        guard count >= 8 * sampleRuns * sampleRun else { return false }
        let texts = TextNumbers(most: count, keepsBytes: false, numbersNull: false)
        let codes = Buffer(byteCount: sampleRun * 4)
        var (rows, index, pieceStart) = (0, 0, 0)
        var random: UInt64 = 1
        for run in 0..<sampleRuns {
            let (first, end) = (count * run / sampleRuns, count * (run + 1) / sampleRuns)
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let start = first + Int(random >> 33) % (end - first - sampleRun)
            while start >= pieceStart + pieces[index].count {
                pieceStart += pieces[index].count
                index += 1
            }
            let place = start - pieceStart
            let sample = pieces[index].slice(place..<min(pieces[index].count, place + sampleRun))
            _ = texts.number(sample, into: codes.values(UInt32.self))
            rows += sample.count
        }
        return texts.count > rows - rows / 32
    }

    /// Which rows of all pieces are NULL; nil where none is.
    static func validity(_ pieces: [ColumnVector], _ count: Int) -> ValidityBitmap? {
        guard pieces.contains(where: \.mayHaveNulls) else { return nil }
        let bitmap = ValidityBitmap(count: count, allValid: true)
        var place = 0
        for piece in pieces {
            bitmap.setNulls(of: piece, at: place)
            place += piece.count
        }
        return bitmap
    }
}
