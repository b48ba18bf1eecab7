import ZLColumnar

/// Numbers of the distinct keys of rows, 0, 1, 2, ... in order of first appearance.
protocol KeyNumbering: AnyObject {
    var count: Int { get }
    /// The number of each row's key; unknown keys get the next free numbers.
    func insert(_ columns: [ColumnVector], count rows: Int, into numbers: UnsafeMutablePointer<UInt32>) throws(ZLError)
    /// The distinct keys, in order of their numbers.
    func keyColumns() -> [ColumnVector]
}

/// Numbers the distinct keys of grouping and DISTINCT 0, 1, 2, ... in order of first appearance.
///
/// One integer key whose values lie close together is looked up in an array, and so are combinations of several such keys and of codes
/// of dictionaries; one text key is looked up among texts; anything else, and keys once they spread, goes through a `KeyTable`. NULL
/// equals NULL.
///
/// - Complexity: O(1) a row.
final class GroupNumbering: KeyNumbering {
    let types: [DataType]
    private var dense: DenseNumbers?
    private var combined: CombinedNumbers?
    private var table: KeyTable?
    private var texts: TextNumbers?

    /// - Parameters:
    ///   - isShort: few rows are to come, so that a large array would cost more than it saves.
    ///   - isPart: the key is one of several, and of no use where its values are many.
    init(types: [DataType], isShort: Bool, isPart: Bool = false) {
        self.types = types
        if types.count > 1 {
            combined = CombinedNumbers(types: types, isShort: isShort)
        } else if DenseNumbers.applies(to: types[0]) {
            dense = DenseNumbers(type: types[0], leastSize: isPart ? 1 << 14 : isShort ? 1 << 16 : 1 << 22)
        } else if types[0].physical == .string {
            texts = TextNumbers(most: Int.max, keepsBytes: true, numbersNull: true)
        } else {
            table = KeyTable(types: types)
        }
    }

    var count: Int { dense?.count ?? texts?.count ?? combined?.count ?? table?.count ?? 0 }

    /// The number of each row's key; unknown keys get the next free numbers.
    func insert(_ columns: [ColumnVector], count rows: Int, into numbers: UnsafeMutablePointer<UInt32>) {
        if let dense {
            if dense.insert(columns[0], count: rows, into: numbers) { return }
            spread()
        }
        if let combined {
            if combined.insert(columns, count: rows, into: numbers) { return }
            spread()
        }
        if let texts {
            _ = texts.number(columns[0], into: numbers)
        } else {
            table?.insert(columns, count: rows, into: numbers)
        }
    }

    /// Whether rows of the one column are numbered without hashing.
    func isDirect(for column: ColumnVector) -> Bool { dense != nil || column.form == .dictionary || column.form == .constant }

    /// The distinct keys, in order of their numbers.
    func keyColumns() -> [ColumnVector] {
        if let dense { return [dense.keyColumn()] }
        if let texts { return [texts.keyColumn(types[0])] }
        return combined?.keyColumns() ?? table?.keyColumns() ?? []
    }

    /// Goes over to the table, which numbers the keys so far as they were.
    private func spread() {
        let table = KeyTable(types: types)
        let numbers = Buffer(byteCount: max(16, count * 4))
        table.insert(keyColumns(), count: count, into: numbers.values(UInt32.self))
        self.table = table
        dense = nil
        combined = nil
    }
}
