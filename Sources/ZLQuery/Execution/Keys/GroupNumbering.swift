import CKernels
import ZLColumnar

/// Numbers the distinct keys of grouping and DISTINCT 0, 1, 2, ... in order of first appearance.
///
/// One integer key whose values lie close together is looked up in an array; the codes of dictionaries are looked up in an array of
/// their combinations; anything else, and integers once they spread, goes through a `KeyTable`. NULL equals NULL.
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
        guard let codes = CodeNumbers.of(columns, known: codes) else { return table.insert(columns, count: rows, into: numbers) }
        self.codes = codes
        codes.insert(columns, count: rows, into: numbers, table)
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

/// Numbers of the combinations of codes of some dictionaries.
private final class CodeNumbers {
    private let dictionaries: [ColumnVector]
    private let numbers: Buffer
    private var null = ColumnVector.noRow

    /// More combinations of several dictionaries would take longer to clear than they save.
    private static let greatestCount = 1 << 14

    /// - Parameter known: numbers made for earlier rows, gone on with where the dictionaries are the same.
    /// - Returns: nil for columns of other forms.
    static func of(_ columns: [ColumnVector], known: CodeNumbers?) -> CodeNumbers? {
        var dictionaries: [ColumnVector] = []
        for column in columns {
            guard column.form == .dictionary, let dictionary = column.dictionary, columns.count == 1 || !column.mayHaveNulls else { return nil }
            dictionaries.append(dictionary)
        }
        if let known, zip(known.dictionaries, dictionaries).allSatisfy({ $0 === $1 }) { return known }
        var count = 1
        for dictionary in dictionaries {
            let (product, overflow) = count.multipliedReportingOverflow(by: dictionary.count)
            guard !overflow, columns.count == 1 || product <= greatestCount else { return nil }
            count = product
        }
        return CodeNumbers(dictionaries, count)
    }

    private init(_ dictionaries: [ColumnVector], _ count: Int) {
        self.dictionaries = dictionaries
        numbers = Buffer(byteCount: max(16, count * 4))
        numbers.values(UInt32.self).update(repeating: ColumnVector.noRow, count: count)
    }

    func insert(_ columns: [ColumnVector], count: Int, into target: UnsafeMutablePointer<UInt32>, _ table: KeyTable) {
        let known = numbers.values(UInt32.self)
        guard columns.count == 1 else {
            combine(columns, count, into: target)
            for row in 0..<count {
                let code = Int(target[row])
                if known[code] == ColumnVector.noRow { learn(code, columns, row, table) }
                target[row] = known[code]
            }
            return
        }
        let codes = columns[0].codes
        guard columns[0].mayHaveNulls else {
            var differences: UInt32 = 0
            for row in 0..<count { differences |= codes[row] ^ codes[0] }
            if differences == 0, count > 0 {
                let code = Int(codes[0])
                if known[code] == ColumnVector.noRow { learn(code, columns, 0, table) }
                return target.update(repeating: known[code], count: count)
            }
            for row in 0..<count {
                let code = Int(codes[row])
                if known[code] == ColumnVector.noRow { learn(code, columns, row, table) }
                target[row] = known[code]
            }
            return
        }
        let nulls = NullMask(columns[0])
        for row in 0..<count {
            if nulls.isNull(row) {
                if null == ColumnVector.noRow { table.insert([columns[0].slice(row..<(row + 1))], count: 1, into: &null) }
                target[row] = null
                continue
            }
            let code = Int(codes[row])
            if known[code] == ColumnVector.noRow { learn(code, columns, row, table) }
            target[row] = known[code]
        }
    }

    /// The number of each row's combination.
    private func combine(_ columns: [ColumnVector], _ count: Int, into target: UnsafeMutablePointer<UInt32>) {
        target.update(repeating: 0, count: count)
        for (column, dictionary) in zip(columns, dictionaries) {
            let (codes, size) = (column.codes, UInt32(truncatingIfNeeded: dictionary.count))
            for row in 0..<count { target[row] = target[row] &* size &+ codes[row] }
        }
    }

    @inline(never)
    private func learn(_ code: Int, _ columns: [ColumnVector], _ row: Int, _ table: KeyTable) {
        table.insert(columns.map { $0.slice(row..<(row + 1)) }, count: 1, into: numbers.values(UInt32.self) + code)
    }
}
