import ZLColumnar
import ZLFunctions

/// Numbers of the distinct keys of rows, 0, 1, 2, ... in order of first appearance.
protocol KeyNumbering: AnyObject {
    var count: Int { get }
    /// The number of each row's key; unknown keys get the next free numbers.
    func insert(_ columns: [ColumnVector], count rows: Int, into numbers: UnsafeMutablePointer<UInt32>) throws(ZLError)
    /// The distinct keys, in order of their numbers.
    func keyColumns() -> [ColumnVector]
}

extension GroupNumbering: KeyNumbering {}

/// Numbers keys whose equal rows are neighbours: a row whose key is not that of the row before has a new one.
///
/// - Complexity: O(1) a row, without a table.
final class RunNumbering: KeyNumbering {
    private let types: [DataType]
    /// Keys of the first row of each run, a piece for each batch that begins some.
    private var pieces: [[ColumnVector]] = []
    /// Keys of the last row, a vector of one row each.
    private(set) var last: [ColumnVector] = []
    private(set) var count = 0

    init(types: [DataType]) { self.types = types }

    func insert(_ columns: [ColumnVector], count rows: Int, into numbers: UnsafeMutablePointer<UInt32>) throws(ZLError) {
        guard rows > 0 else { return }
        let runs = try RunNumbering.runs(columns, count: rows)
        let goesOn = last.isEmpty ? false : try RunNumbering.areEqual(last, columns.map { $0.slice(0..<1) })
        let starts = Buffer(byteCount: max(16, rows * 4))
        let began = runs.numberRuns(rows, from: count, isFirstKnown: goesOn, into: numbers, starts: starts.values(UInt32.self))
        if began > 0 { pieces.append(columns.map { $0.gather(starts.values(UInt32.self), count: began) }) }
        count += began
        last = columns.map { $0.slice(rows - 1..<rows) }
    }

    func keyColumns() -> [ColumnVector] {
        types.indices.map { key in ColumnVector.concatenate(pieces.map { $0[key] }, type: types[key]) }
    }

    /// Where rows have other keys than the row before.
    static func runs(_ columns: [ColumnVector], count: Int) throws(ZLError) -> KeyRuns {
        do {
            return try KeyRuns(partitionBy: columns.map { WindowKey($0) }, orderBy: [], count: count, threads: 1, inAnyOrder: true)
        } catch {
            throw error as? ZLError ?? ZLError(.internal, "runs", "comparing keys failed: \(error)")
        }
    }

    /// Whether two rows, a vector of one row for each key, have equal keys.
    static func areEqual(_ a: [ColumnVector], _ b: [ColumnVector]) throws(ZLError) -> Bool {
        try runs(zip(a, b).map { ColumnVector.concatenate([$0, $1], type: $0.type) }, count: 2).partitions.count == 1
    }
}
