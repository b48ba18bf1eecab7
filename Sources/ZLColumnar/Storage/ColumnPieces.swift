/// Puts the vectors of one column together to long pieces.
///
/// Vectors that lie one behind the other in memory, as those of a scan do, are one piece without being looked at. Others are copied: text to
/// codes while it comes with one dictionary, everything else to flat vectors.
struct ColumnPieces {
    private let type: DataType
    private var pieces: [ColumnVector] = []
    /// What came last, together with its neighbours in memory before it.
    private var last: ColumnVector?
    /// What is copied to: one of them at most.
    private var flat: ColumnBuilder?
    private var coded: CodeBuilder?

    /// Rows of a piece of copies: as large as a huge page where a value takes eight bytes.
    private static let pieceRows = 2 * RowGroup.capacity
    /// Rows that a piece of copies has room for before it turns out to be long, and how many times as many then: a table of many files has
    /// as many pieces, and the system clears all of a huge page for a piece that fills little of it.
    private static let (shortPieceRows, growth) = (8 * DataChunk.capacity, 4)
    /// Neighbours in memory are copied where they are fewer: they would keep all the memory around them from being given back.
    private static let leastShared = RowGroup.capacity / 2

    init(type: DataType) { self.type = type }

    mutating func append(_ vector: ColumnVector) {
        guard vector.count > 0 else { return }
        if let joined = last?.joined(with: vector) {
            last = joined
        } else {
            copyLast()
            last = vector
        }
    }

    /// The pieces, whose rows are all those that came, in order.
    mutating func finish() -> [ColumnVector] {
        copyLast()
        seal()
        defer { pieces = [] }
        return pieces
    }

    private mutating func copyLast() {
        guard let vector = last else { return }
        last = nil
        if vector.count >= ColumnPieces.leastShared {
            seal()
            pieces.append(stored(vector.form == .dictionary ? vector : vector.flattened()))
        } else if vector.form == .dictionary, let dictionary = vector.dictionary {
            let place = roomyCoded(dictionary, vector.count)
            place.append(vector)
        } else {
            roomyFlat(vector.count).append(vector)
        }
    }

    private mutating func roomyCoded(_ dictionary: ColumnVector, _ count: Int) -> CodeBuilder {
        if let coded, coded.dictionary === dictionary, coded.count + count <= ColumnPieces.pieceRows {
            if coded.count + count > ColumnPieces.shortPieceRows { coded.reserve(ColumnPieces.room(for: coded.count + count)) }
            return coded
        }
        seal()
        let made = CodeBuilder(dictionary: dictionary, capacity: max(count, ColumnPieces.shortPieceRows))
        coded = made
        return made
    }

    private mutating func roomyFlat(_ count: Int) -> ColumnBuilder {
        if let flat, flat.count + count <= ColumnPieces.pieceRows {
            if flat.count + count > ColumnPieces.shortPieceRows { flat.reserve(ColumnPieces.room(for: flat.count + count) - flat.count) }
            return flat
        }
        seal()
        let made = ColumnBuilder(type: type, capacity: max(count, ColumnPieces.shortPieceRows))
        flat = made
        return made
    }

    private static func room(for rows: Int) -> Int {
        var room = shortPieceRows
        while room < rows { room *= growth }
        return min(room, pieceRows)
    }

    private mutating func seal() {
        if let coded { pieces.append(stored(coded.finish())) }
        if let flat { pieces.append(stored(flat.finish())) }
        coded = nil
        flat = nil
    }

    /// A piece in the form in which a table keeps it: text as codes where that is smaller.
    private func stored(_ piece: ColumnVector) -> ColumnVector {
        guard piece.physical == .string else { return piece }
        if let dictionary = piece.dictionary, dictionary.count <= StringDictionary.most(piece.count) { return piece }
        return StringDictionary.build([piece]) ?? piece.flattened()
    }
}
