import ZLColumnar

/// Numbers the distinct keys of grouping and DISTINCT 0, 1, 2, ... in order of first appearance.
///
/// One integer key whose values lie close together is looked up in an array, and so are the codes of a dictionary and combinations of
/// several such keys; anything else, and keys once they spread, goes through a `KeyTable`. NULL equals NULL.
///
/// - Complexity: O(1) a row.
final class GroupNumbering {
    let types: [DataType]
    private var dense: DenseNumbers?
    private var combined: CombinedNumbers?
    private var table: KeyTable?
    private var codes: CodeNumbers?

    /// - Parameter isShort: few rows are to come, so that a large array would cost more than it saves.
    init(types: [DataType], isShort: Bool) {
        self.types = types
        if types.count > 1 {
            combined = CombinedNumbers(types: types, isShort: isShort)
        } else if DenseNumbers.applies(to: types[0]) {
            dense = DenseNumbers(type: types[0], leastSize: isShort ? 1 << 16 : 1 << 22)
        } else {
            table = KeyTable(types: types)
        }
    }

    var count: Int { dense?.count ?? combined?.count ?? table?.count ?? 0 }

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
        guard let table else { return }
        codes = columns.count == 1 ? CodeNumbers.of(columns[0], known: codes) : nil
        if let codes { return codes.insert(columns[0], count: rows, into: numbers, table) }
        table.insert(columns, count: rows, into: numbers)
    }

    /// Whether rows of the one column are numbered without hashing.
    func isDirect(for column: ColumnVector) -> Bool { dense != nil || column.form == .dictionary || column.form == .constant }

    /// The distinct keys, in order of their numbers.
    func keyColumns() -> [ColumnVector] {
        if let dense { return [dense.keyColumn()] }
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
