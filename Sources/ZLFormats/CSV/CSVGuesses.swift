import Glibc
import Synchronization
import ZLColumnar

/// What the columns of a file seem to be while it is read for the first time. Blocks learn from those done before them; a wrong guess
/// costs a second parse of a block's column, never a value.
final class CSVGuesses: Sendable {
    private let classes: Mutex<[CSVColumnClass]?>
    /// Types that are not to be detected.
    private let stated: [DataType?]
    /// Bytes of values that may still be kept.
    private let room: Atomic<Int>

    /// Kept values may fill this part of the machine's memory.
    private static let memoryShare = 8

    init(stated: [DataType?]) {
        self.stated = stated
        classes = Mutex(nil)
        room = Atomic(Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE))) / CSVGuesses.memoryShare)
    }

    var hasSample: Bool { classes.withLock { $0 != nil } }

    func learn(_ histories: [CSVColumnHistory]) {
        classes.withLock { classes in
            let known = classes ?? [CSVColumnClass](repeating: CSVColumnClass(), count: histories.count)
            classes = zip(known, histories).map { $0.joined($1.current) }
        }
    }

    /// The place for one block's values; nil where nothing is known yet or no room is left.
    func block(nullTexts: [[UInt8]], tokenizer: CSVTokenizer) -> CSVBlockValues? {
        guard room.load(ordering: .relaxed) > 0, let classes = classes.withLock({ $0 }) else { return nil }
        let columns = zip(classes, stated).enumerated().map { index, pair in
            CSVGuessedColumn(
                guess: pair.1 == nil ? pair.0 : nil,
                parser: CSVColumnParser(
                    column: FileColumn(name: "", type: pair.1 ?? pair.0.type), nullTexts: nullTexts, tokenizer: tokenizer))
        }
        return CSVBlockValues(columns) { self.room.wrappingSubtract($0, ordering: .relaxed) }
    }
}

/// The values of a block as they are parsed, chunk by chunk.
struct CSVBlockValues {
    private let columns: [CSVGuessedColumn]
    private var vectors: [[ColumnVector]?]
    private var rowCounts: [Int] = []
    private let use: (Int) -> Void
    /// Where the next row's values go; nil: to memory of their own.
    private var place: (places: CSVRowPlaces, row: Int)?

    /// - Parameter use: told the bytes that are kept.
    init(_ columns: [CSVGuessedColumn], use: @escaping (Int) -> Void) {
        self.columns = columns
        self.use = use
        vectors = [[ColumnVector]?](repeating: [], count: columns.count)
    }

    /// Lets the values stand at the rows from `row` on.
    mutating func start(at row: Int, in places: CSVRowPlaces) { place = (places, row) }

    /// The most rows of the next chunk.
    var rowLimit: Int { min(DataChunk.capacity, place.map { CSVRowPlaces.room(at: $0.row) } ?? DataChunk.capacity) }

    /// Reads a column of the next chunk; the number of rows that need no classification any more.
    mutating func read(
        _ column: Int, _ fields: UnsafePointer<CSVField>, _ rows: Int, _ base: UnsafePointer<UInt8>, offset: Int,
        _ history: inout CSVColumnHistory
    ) -> Int {
        guard vectors[column] != nil else { return 0 }
        let target = place.flatMap { place in
            columns[column].takesTarget
                ? place.places.target(column: column, row: place.row, stride: columns[column].type.physical.stride) : nil
        }
        let (vector, classified) = columns[column].read(fields, rows, base, offset: offset, into: target, &history)
        if let vector { vectors[column]?.append(vector) } else { vectors[column] = nil }
        return classified
    }

    mutating func endChunk(_ rows: Int) {
        rowCounts.append(rows)
        place?.row += rows
    }

    func finish() -> CSVParsedBlock {
        let rows = rowCounts.reduce(0, +)
        for (column, known) in zip(columns, vectors) where known != nil { use(rows * column.type.physical.stride) }
        return CSVParsedBlock(CSVParsedBlock.Content(rowCounts: rowCounts, types: columns.map(\.type), columns: vectors))
    }
}

/// The values of a block that the first pass kept, until they are taken.
final class CSVParsedBlock: Sendable {
    struct Content: Sendable {
        let rowCounts: [Int]
        fileprivate let types: [DataType]
        fileprivate let columns: [[ColumnVector]?]

        fileprivate init(rowCounts: [Int], types: [DataType], columns: [[ColumnVector]?]) {
            self.rowCounts = rowCounts
            self.types = types
            self.columns = columns
        }

        /// A column's values, a vector a chunk; nil where they were not kept or turned out to be of another type.
        func vectors(of column: Int, type: DataType) -> [ColumnVector]? { types[column] == type ? columns[column] : nil }
    }

    private let content: Mutex<Content?>

    fileprivate init(_ content: Content) { self.content = Mutex(content) }

    /// The values, once: whoever reads the block a second time parses it, so memory is held only up to the first reading.
    func take() -> Content? {
        content.withLock { content in
            defer { content = nil }
            return content
        }
    }
}
