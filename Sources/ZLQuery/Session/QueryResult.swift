import ZLColumnar

/// What a statement gives: columns and rows, or the number of rows it changed.
///
/// A value; it stays as it is whatever happens to the database afterwards.
public struct QueryResult: Sendable {
    /// A column's name and its type as SQL writes it, for example `DECIMAL(18,9)`.
    public struct Column: Hashable, Sendable {
        public var name: String
        public var typeName: String
        /// Whether values are numbers, which are shown flush right.
        public var isNumeric: Bool
    }

    /// A value as a program wants it.
    public enum Cell: Hashable, Sendable {
        case null
        case boolean(Bool)
        /// Any integer type.
        case integer(Int128)
        /// REAL and DOUBLE.
        case double(Double)
        /// Every other type, as a cast to VARCHAR gives it.
        case text(String)
    }

    /// Empty for a statement that gives no rows.
    public let columns: [Column]
    public let rowCount: Int
    /// Rows inserted, updated, deleted or copied; nil for statements that change none.
    public let changedRowCount: Int?

    let types: [DataType]
    let chunks: [DataChunk]
    /// The first row of each chunk.
    private let starts: [Int]

    init(columns: [(name: String, type: DataType)], chunks: [DataChunk]) {
        self.columns = columns.map {
            Column(name: $0.name, typeName: $0.type.description, isNumeric: $0.type.isNumeric)
        }
        types = columns.map(\.type)
        self.chunks = chunks
        var starts: [Int] = []
        var total = 0
        for chunk in chunks {
            starts.append(total)
            total += chunk.rowCount
        }
        self.starts = starts
        rowCount = total
        changedRowCount = nil
    }

    /// A statement without rows.
    init(changedRowCount: Int? = nil) {
        columns = []
        types = []
        chunks = []
        starts = []
        rowCount = 0
        self.changedRowCount = changedRowCount
    }

    /// A value as text, as a cast to VARCHAR gives it; nil for NULL.
    ///
    /// - Complexity: O(log chunks).
    public func text(row: Int, column: Int) -> String? {
        let (chunk, offset) = locate(row)
        let vector = chunks[chunk].columns[column]
        return vector.isNull(offset) ? nil : TextFormat.text(of: vector, row: offset)
    }

    /// A value by its kind.
    public func cell(row: Int, column: Int) -> Cell {
        let (chunk, offset) = locate(row)
        let vector = chunks[chunk].columns[column]
        switch vector.value(at: offset) {
        case .null: return .null
        case .boolean(let flag): return .boolean(flag)
        case .integer(let number): return .integer(number)
        case .real(let number): return .double(Double(number))
        case .double(let number): return .double(number)
        default: return .text(TextFormat.text(of: vector, row: offset))
        }
    }

    private func locate(_ row: Int) -> (chunk: Int, offset: Int) {
        precondition(row >= 0 && row < rowCount, "there is no such row")
        var low = 0
        var high = starts.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if starts[middle] <= row { low = middle } else { high = middle - 1 }
        }
        return (low, row - starts[low])
    }
}

extension QueryResult {
    /// One row a text, under one VARCHAR column.
    static func lines(_ name: String, _ lines: [String]) -> QueryResult {
        QueryResult(columns: [(name, .varchar)], rows: lines.map { [.string($0)] })
    }

    /// Few rows that the engine makes itself.
    init(columns: [(name: String, type: DataType)], rows: [[Value]]) {
        self.init(columns: columns, chunks: DataChunk.chunks(of: rows, types: columns.map(\.type)))
    }
}

extension DataChunk {
    /// Rows of values as chunks. For what the engine says about itself, not for data.
    static func chunks(of rows: [[Value]], types: [DataType]) -> [DataChunk] {
        var chunks: [DataChunk] = []
        var first = 0
        while first < rows.count {
            let end = min(first + DataChunk.capacity, rows.count)
            let columns = types.indices.map { column in
                let builder = ColumnBuilder(type: types[column], capacity: end - first)
                for row in first..<end { builder.append(value: rows[row][column]) }
                return builder.finish()
            }
            chunks.append(DataChunk(columns: columns, rowCount: end - first))
            first = end
        }
        return chunks
    }
}
