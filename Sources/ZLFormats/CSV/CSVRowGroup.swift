import Synchronization
import ZLColumnar

/// The values of neighbouring rows of a file while its blocks bring them: as many rows as a row group of a table.
///
/// Once all are there each column is packed as tables in memory keep it, and the memory that its values were parsed into takes those of
/// rows further on: what stands there plain is little and stays in the cache. A column that some block could not read, or read as another
/// type, stays as it came.
final class CSVRowGroup: Sendable {
    private enum Column: Sendable {
        /// Vectors by the number of their first row.
        case pieces([Int: ColumnVector])
        case packed(Segment)
    }

    private struct Place: Hashable {
        var column: Int
        var stride: Int
    }

    private struct State {
        var columns: [Column]
        /// Packed columns that were asked for: vectors of one piece of memory join again without a copy.
        var plain: [Int: ColumnVector] = [:]
        var memory: [Place: Buffer] = [:]
        var rowCount = 0
    }

    static let capacity = RowGroup.capacity

    /// The group holds the rows from `number * capacity` on.
    let number: Int
    private let spare: CSVSpareMemory
    private let state: Mutex<State>

    init(number: Int, columnCount: Int, spare: CSVSpareMemory) {
        self.number = number
        self.spare = spare
        state = Mutex(State(columns: [Column](repeating: .pieces([:]), count: columnCount)))
    }

    /// Rows that came so far.
    var rowCount: Int { state.withLock { $0.rowCount } }

    /// The memory of a column from a row on.
    func target(column: Int, row: Int, stride: Int) -> CSVTarget {
        // why: blocks may take a column for different types, and values of one size must not run into those of another.
        let place = Place(column: column, stride: stride)
        let buffer = state.withLock { state in
            if let known = state.memory[place] { return known }
            let made = spare.take(CSVRowGroup.capacity * stride)
            state.memory[place] = made
            return made
        }
        return CSVTarget(buffer: buffer, byteOffset: (row - number * CSVRowGroup.capacity) * stride)
    }

    /// Takes `count` rows from `row` on, nil for a column that is not to be kept. The last ones have all columns packed.
    ///
    /// - Returns: the bytes that packing saved.
    func append(_ vectors: [ColumnVector?], at row: Int, count: Int) -> Int {
        state.withLock { state in
            for (column, vector) in vectors.enumerated() {
                guard let vector, case .pieces(var pieces) = state.columns[column] else { continue }
                state.columns[column] = .pieces([:])
                pieces[row] = vector
                state.columns[column] = .pieces(pieces)
            }
            state.rowCount += count
            guard state.rowCount == CSVRowGroup.capacity else { return 0 }
            let memory = state.memory
            state.memory = [:]
            var saved = 0
            for column in state.columns.indices {
                guard case .pieces(let pieces) = state.columns[column] else { continue }
                state.columns[column] = .pieces([:])
                guard let segment = CSVRowGroup.segment([pieces], rowCount: CSVRowGroup.capacity) else {
                    state.columns[column] = .pieces(pieces)
                    continue
                }
                state.columns[column] = .packed(segment)
                saved += segment.savedByteCount
                // why: a segment that is no smaller holds the values themselves
                guard segment.savedByteCount > 0 else { continue }
                for (place, buffer) in memory where place.column == column { spare.give(buffer) }
            }
            return saved
        }
    }

    /// The values of a column for a chunk that was appended; nil where it came without them.
    ///
    /// - Throws: class corruption where packed values do not decode.
    func vector(_ column: Int, row: Int, count: Int) throws(ZLError) -> ColumnVector? {
        let found: Result<ColumnVector?, ZLError> = state.withLock { state in
            switch state.columns[column] {
            case .pieces(let pieces): return .success(pieces[row])
            case .packed(let segment):
                do throws(ZLError) {
                    var plain = state.plain[column]
                    if plain == nil { plain = try segment.decode(0..<CSVRowGroup.capacity) }
                    state.plain[column] = plain
                    let first = row - number * CSVRowGroup.capacity
                    return .success(plain?.slice(first..<first + count))
                } catch {
                    return .failure(error)
                }
            }
        }
        return try found.get()
    }

    /// A column of the rows that neighbouring groups of one number hold together; nil where a value is missing or of another type.
    static func segment(_ column: Int, type: DataType, of groups: some Collection<CSVRowGroup>) -> Segment? {
        var pieces: [[Int: ColumnVector]] = []
        for group in groups {
            switch group.state.withLock({ $0.columns[column] }) {
            case .packed(let segment): return groups.count == 1 && segment.type == type ? segment : nil
            case .pieces(let found): pieces.append(found)
            }
        }
        let made = segment(pieces, rowCount: groups.reduce(0) { $0 + $1.rowCount })
        return made?.type == type ? made : nil
    }

    /// The vectors in the order of their rows; nil where they are not so many rows of one type.
    private static func segment(_ pieces: [[Int: ColumnVector]], rowCount: Int) -> Segment? {
        let sorted = pieces.flatMap { $0.sorted { $0.key < $1.key }.map(\.value) }
        guard let type = sorted.first?.type, sorted.allSatisfy({ $0.type == type }), sorted.reduce(0, { $0 + $1.count }) == rowCount
        else { return nil }
        return Segment(packing: sorted, type: type)
    }
}

/// Memory that values were parsed into and packed from: what the system would have to clear for the next row group.
final class CSVSpareMemory: Sendable {
    private let buffers = Mutex<[Buffer]>([])

    func take(_ byteCount: Int) -> Buffer {
        let known = buffers.withLock { buffers in
            buffers.lastIndex { $0.byteCount == byteCount }.map { buffers.remove(at: $0) }
        }
        return known ?? Buffer(byteCount: byteCount)
    }

    /// Takes memory whose values nobody reads any more.
    func give(_ buffer: Buffer) { buffers.withLock { $0.append(buffer) } }

    func removeAll() { buffers.withLock { $0 = [] } }
}

/// The row groups of a scan up to the first reading: whoever makes a table of all rows takes them as they are.
final class CSVRowGroups: Sendable {
    private let groups: Mutex<[CSVRowGroup]>

    /// - Parameter groups: ascending by number; at the border of two files two may have the same.
    init(_ groups: [CSVRowGroup]) { self.groups = Mutex(groups) }

    /// Lets go of what blocks do not hold: memory is given back block by block.
    func release() { groups.withLock { $0 = [] } }

    /// Columns of all rows as a table, once; nil where some value is not there as the type that its column has.
    func table(columns: [Int], types: [DataType], rowCount: Int) -> TableData? {
        let groups = groups.withLock { groups in
            defer { groups = [] }
            return groups
        }
        guard !columns.isEmpty, groups.reduce(0, { $0 + $1.rowCount }) == rowCount else { return nil }
        var made: [RowGroup] = []
        var first = 0
        while first < groups.count {
            let same = groups[first...].prefix { $0.number == groups[first].number }
            let count = same.reduce(0) { $0 + $1.rowCount }
            first += same.count
            guard count == CSVRowGroup.capacity || first == groups.count else { return nil }
            var segments: [Segment] = []
            for (column, type) in zip(columns, types) {
                guard let segment = CSVRowGroup.segment(column, type: type, of: same) else { return nil }
                segments.append(segment)
            }
            made.append(RowGroup(rowCount: count, segments: segments))
        }
        return TableData(types: types, rowGroups: made)
    }
}
