/// Text columns whose values repeat, as codes into their distinct values in binary order.
package enum StringDictionary {
    /// More distinct values than this are no dictionary.
    static let limit = 1 << 16

    /// The rows of all pieces as one column in dictionary form; nil where it would not be smaller, and for layouts other than text.
    ///
    /// Rows that are NULL have code 0. - Complexity: O(rows + d log d) for d distinct values
    package static func build(_ pieces: [ColumnVector]) -> ColumnVector? {
        let count = pieces.reduce(0) { $0 + $1.count }
        guard let type = pieces.first?.type, type.physical == .string, count > 1 else { return nil }
        let texts = TextNumbers(most: min(limit, count / 4 + 1), keepsBytes: false, numbersNull: false)
        let codes = Buffer(byteCount: count * 4)
        let target = codes.values(UInt32.self)
        var validity: ValidityBitmap?
        var place = 0
        for piece in pieces {
            guard texts.number(piece, into: target + place) else { return nil }
            if piece.mayHaveNulls {
                let bitmap = validity ?? ValidityBitmap(count: count, allValid: true)
                for row in 0..<piece.count where piece.isNull(row) { bitmap.setNull(place + row) }
                validity = bitmap
            }
            place += piece.count
        }
        guard texts.count > 0 else { return nil }
        let (dictionary, ranks) = texts.sorted(type)
        ranks.withUnsafeBufferPointer { ranks in
            for row in 0..<count { target[row] = ranks[Int(target[row])] }
        }
        if let validity {
            for row in 0..<count where !validity.isValid(row) { target[row] = 0 }
        }
        return withExtendedLifetime(pieces) {
            ColumnVector(type: type, form: .dictionary, count: count, buffer: codes, validity: validity, dictionary: dictionary)
        }
    }
}
