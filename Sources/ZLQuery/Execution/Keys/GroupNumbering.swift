import CKernels
import ZLColumnar

/// Numbers the distinct keys of grouping and DISTINCT 0, 1, 2, ... in order of first appearance.
///
/// One integer key whose values lie close together is looked up in an array; a dictionary's codes are looked up in an array of
/// the dictionary's; anything else, and integers once they spread, goes through a `KeyTable`. NULL equals NULL.
///
/// - Complexity: O(1) a row.
final class GroupNumbering {
    let types: [DataType]
    private var dense: DenseNumbers?
    private var table: KeyTable?
    private var codes: CodeNumbers?

    /// - Parameter isShort: few rows are to come, so that a large array would cost more than it saves.
    init(types: [DataType], isShort: Bool) {
        self.types = types
        if types.count == 1, DenseNumbers.applies(to: types[0]) {
            dense = DenseNumbers(type: types[0], leastSize: isShort ? 1 << 16 : 1 << 22)
        } else {
            table = KeyTable(types: types)
        }
    }

    var count: Int { dense?.count ?? table?.count ?? 0 }

    /// The number of each row's key; unknown keys get the next free numbers.
    func insert(_ columns: [ColumnVector], count rows: Int, into numbers: UnsafeMutablePointer<UInt32>) {
        if let dense {
            if dense.insert(columns[0], count: rows, into: numbers) { return }
            spread(dense)
        }
        guard let table else { return }
        if columns.count == 1, columns[0].form == .dictionary, let dictionary = columns[0].dictionary {
            let codes = codes.flatMap { $0.dictionary === dictionary ? $0 : nil } ?? CodeNumbers(dictionary)
            self.codes = codes
            codes.insert(columns[0], count: rows, into: numbers, table)
        } else {
            table.insert(columns, count: rows, into: numbers)
        }
    }

    /// The distinct keys, in order of their numbers.
    func keyColumns() -> [ColumnVector] {
        if let dense { return [dense.keyColumn()] }
        return table?.keyColumns() ?? []
    }

    /// Goes over to the table, which numbers the keys so far as they were.
    private func spread(_ dense: DenseNumbers) {
        let table = KeyTable(types: types)
        let numbers = Buffer(byteCount: max(16, dense.count * 4))
        table.insert([dense.keyColumn()], count: dense.count, into: numbers.values(UInt32.self))
        self.table = table
        self.dense = nil
    }
}

/// Numbers of the entries of one dictionary.
private final class CodeNumbers {
    let dictionary: ColumnVector
    private let numbers: Buffer
    private var null = ColumnVector.noRow

    init(_ dictionary: ColumnVector) {
        self.dictionary = dictionary
        numbers = Buffer(byteCount: max(16, dictionary.count * 4))
        numbers.values(UInt32.self).update(repeating: ColumnVector.noRow, count: dictionary.count)
    }

    func insert(_ column: ColumnVector, count: Int, into target: UnsafeMutablePointer<UInt32>, _ table: KeyTable) {
        let known = numbers.values(UInt32.self)
        let codes = column.codes
        guard column.mayHaveNulls else {
            for row in 0..<count {
                let code = Int(codes[row])
                if known[code] == ColumnVector.noRow { learn(code, table) }
                target[row] = known[code]
            }
            return
        }
        let nulls = NullMask(column)
        for row in 0..<count {
            if nulls.isNull(row) {
                if null == ColumnVector.noRow { table.insert([column.slice(row..<(row + 1))], count: 1, into: &null) }
                target[row] = null
                continue
            }
            let code = Int(codes[row])
            if known[code] == ColumnVector.noRow { learn(code, table) }
            target[row] = known[code]
        }
    }

    @inline(never)
    private func learn(_ code: Int, _ table: KeyTable) {
        table.insert([dictionary.slice(code..<(code + 1))], count: 1, into: numbers.values(UInt32.self) + code)
    }
}
