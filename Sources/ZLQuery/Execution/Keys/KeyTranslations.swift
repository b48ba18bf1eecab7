import Synchronization
import ZLColumnar

/// Numbers of the texts of dictionaries in one table of single keys: looked up once a text, and not once a row.
///
/// A dictionary is looked up when it has come with about as many rows as it has texts: before, its rows are fewer than its texts.
final class KeyTranslations: Sendable {
    private struct Known {
        let dictionary: ColumnVector
        var rowCount = 0
        var translation: KeyTranslation?
    }

    private let known = Mutex<[ObjectIdentifier: Known]>([:])

    /// nil for columns without a dictionary, and for one that is not worth while yet.
    func numbers(of column: ColumnVector, in table: KeyTable) -> KeyTranslation? {
        guard column.form == .dictionary, let dictionary = column.dictionary else { return nil }
        return known.withLock { known in
            var entry = known[ObjectIdentifier(dictionary)] ?? Known(dictionary: dictionary)
            entry.rowCount += column.count
            if entry.translation == nil, entry.rowCount >= dictionary.count / 2 { entry.translation = KeyTranslation(dictionary, table) }
            known[ObjectIdentifier(dictionary)] = entry
            return entry.translation
        }
    }
}

/// The numbers of a dictionary's texts in a table of single keys.
final class KeyTranslation: @unchecked Sendable {  // proof: written by `init` only
    private let numbers: Buffer

    init(_ dictionary: ColumnVector, _ table: KeyTable) {
        numbers = Buffer(byteCount: max(16, dictionary.count * 4))
        for start in stride(from: 0, to: dictionary.count, by: DataChunk.capacity) {
            let rows = start..<min(dictionary.count, start + DataChunk.capacity)
            table.find([dictionary.slice(rows)], count: rows.count, nullsMatch: [false], into: numbers.values(UInt32.self) + start)
        }
    }

    /// The number of each text of the dictionary, `ColumnVector.noRow` for unknown keys.
    var numberOfCode: UnsafePointer<UInt32> { UnsafePointer(numbers.values(UInt32.self)) }

    /// The number of each row's key; `ColumnVector.noRow` for NULL and for unknown keys.
    func translate(_ column: ColumnVector, into target: UnsafeMutablePointer<UInt32>) {
        let (numbers, codes, nulls) = (numbers.values(UInt32.self), column.codes, NullMask(column))
        for row in 0..<column.count { target[row] = nulls.isNull(row) ? ColumnVector.noRow : numbers[Int(codes[row])] }
    }
}
