/// Grows a vector of codes into one dictionary vector by vector, then hands it over.
final class CodeBuilder {
    let dictionary: ColumnVector
    private(set) var count = 0
    private var capacity: Int
    private var buffer: Buffer
    /// Allocated at the first NULL; covers `capacity` rows.
    private var validity: ValidityBitmap?

    init(dictionary: ColumnVector, capacity: Int) {
        self.dictionary = dictionary
        self.capacity = max(capacity, 16)
        buffer = Buffer(byteCount: self.capacity * 4)
    }

    /// Makes room for so many rows in all.
    func reserve(_ rows: Int) {
        guard rows > capacity else { return }
        let larger = Buffer(byteCount: rows * 4)
        larger.address.copyMemory(from: buffer.address, byteCount: count * 4)
        buffer = larger
        capacity = rows
        validity = validity.map { .covering(rows, $0) }
    }

    /// Appends all rows of a vector of the dictionary. - Complexity: amortised O(rows)
    func append(_ vector: ColumnVector) {
        if count + vector.count > capacity { reserve(max(count + vector.count, 2 * capacity)) }
        (buffer.values(UInt32.self) + count).update(from: vector.codes, count: vector.count)
        if vector.mayHaveNulls {
            let bitmap = validity ?? ValidityBitmap(count: capacity, allValid: true)
            bitmap.setNulls(of: vector, at: count)
            validity = bitmap
        }
        count += vector.count
    }

    /// The vector. The builder is not to be used afterwards.
    func finish() -> ColumnVector {
        ColumnVector(
            type: dictionary.type, form: .dictionary, count: count, buffer: buffer, validity: validity.flatMap { $0.slice(0..<count) },
            dictionary: dictionary)
    }
}
