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
    /// Columns that all chunks so far could be read as.
    private var isKept: [Bool]
    /// The next chunk as it is read.
    private var chunk: [CSVChunkColumn] = []
    private var current: [ColumnVector?]
    private var chunks: [CSVParsedBlock.Chunk] = []
    private let use: (Int) -> Void
    /// Where the next row's values go; nil: they stay with the block.
    private var place: (places: CSVRowPlaces, group: CSVRowGroup, row: Int)?

    /// - Parameter use: told the bytes that are kept, and less than zero for those that are not any more.
    init(_ columns: [CSVGuessedColumn], use: @escaping (Int) -> Void) {
        self.columns = columns
        self.use = use
        isKept = [Bool](repeating: true, count: columns.count)
        current = [ColumnVector?](repeating: nil, count: columns.count)
    }

    /// Lets the values stand at the rows from `row` on.
    mutating func start(at row: Int, in places: CSVRowPlaces) { place = (places, places.group(of: row), row) }

    /// The most rows of the next chunk, which is to lie in one group.
    var rowLimit: Int { place.map { min(DataChunk.capacity, CSVRowGroup.capacity - $0.row % CSVRowGroup.capacity) } ?? DataChunk.capacity }

    /// Fields that are read of all columns before those of the next rows: they and their texts stay in the cache from column to column.
    private static let fieldsAtOnce = 2048
    private static let fewestRowsAtOnce = 64

    /// Reads the next chunk. `classified` says what needs no classification any more.
    mutating func read(
        _ fields: UnsafePointer<CSVField>, _ rows: Int, _ base: UnsafePointer<UInt8>, offset: Int, _ histories: inout [CSVColumnHistory]
    ) {
        chunk.removeAll(keepingCapacity: true)
        for (index, column) in columns.enumerated() {
            let target = !isKept[index] || !column.takesTarget ? nil : place.map { place in
                place.group.target(column: index, row: place.row, stride: column.type.physical.stride)
            }
            let input = CSVColumnParser.Input(fields: fields + index, stride: columns.count, rows: rows, base: base)
            chunk.append(CSVChunkColumn(column, input, offset: offset, into: target, isRead: isKept[index]))
        }
        // why: the kernels take eight rows at a time
        let step = max(CSVBlockValues.fewestRowsAtOnce, CSVBlockValues.fieldsAtOnce / columns.count & ~7)
        for first in stride(from: 0, to: rows, by: step) {
            for index in columns.indices { chunk[index].read(upTo: min(rows, first + step), &histories[index]) }
        }
        for index in columns.indices {
            current[index] = chunk[index].finish()
            isKept[index] = current[index] != nil
        }
    }

    /// Rows of a column of the chunk, from the first on, that are in its history.
    func classified(_ column: Int) -> Int { chunk[column].classified }

    mutating func endChunk(_ rows: Int) {
        let bytes = zip(columns, current).reduce(0) { $1.1 == nil ? $0 : $0 + rows * $1.0.type.physical.stride }
        use(bytes)
        if let (places, group, row) = place {
            chunks.append(CSVParsedBlock.Chunk(rowCount: rows, values: .inGroup(group, row: row)))
            use(-group.append(current, at: row, count: rows))
            place = (places, row / CSVRowGroup.capacity == (row + rows) / CSVRowGroup.capacity ? group : places.group(of: row + rows), row + rows)
        } else {
            chunks.append(CSVParsedBlock.Chunk(rowCount: rows, values: .own(current)))
        }
        for column in current.indices { current[column] = nil }
    }

    func finish() -> CSVParsedBlock {
        CSVParsedBlock(CSVParsedBlock.Content(chunks: chunks, types: zip(columns, isKept).map { $1 ? $0.type : nil }))
    }
}

/// The values of a block that the first pass kept, until they are taken.
final class CSVParsedBlock: Sendable {
    struct Chunk: Sendable {
        enum Values: Sendable {
            case own([ColumnVector?])
            case inGroup(CSVRowGroup, row: Int)
        }

        let rowCount: Int
        let values: Values

        /// A column that the block holds.
        func vector(_ column: Int) throws(ZLError) -> ColumnVector? {
            switch values {
            case .own(let vectors): vectors[column]
            case .inGroup(let group, let row): try group.vector(column, row: row, count: rowCount)
            }
        }
    }

    struct Content: Sendable {
        let chunks: [Chunk]
        /// What the columns were read as; nil where some chunk could not be.
        fileprivate let types: [DataType?]

        fileprivate init(chunks: [Chunk], types: [DataType?]) {
            self.chunks = chunks
            self.types = types
        }

        /// Whether all values of a column are there as a type.
        func holds(_ column: Int, as type: DataType) -> Bool { types[column] == type }
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
