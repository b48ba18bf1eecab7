import ZLColumnar

/// Neighbouring places of a part that rows of one batch are copied to.
struct PartedRun {
    /// The first place.
    let target: Int
    /// The batch's rows for these places stand at `start ..< start + count` in its order by parts.
    let start: Int
    let count: Int
}

/// A column of `PartedRows`: each batch's rows are copied part by part, so that the cache gets whole lines of one part after another.
///
/// - Complexity: O(1) a row.
struct PartedColumn {
    private let type: DataType
    private var buffer = Buffer(byteCount: 16)
    private var validity: ValidityBitmap?
    private var heaps: [StringHeap] = []

    init(type: DataType) { self.type = type }

    /// Forgets the rows. The memory is used again, unless somebody still holds it.
    mutating func removeAll() {
        if !isKnownUniquelyReferenced(&buffer) { buffer = Buffer(byteCount: 16) }
        validity = nil
        heaps = []
    }

    /// Copies rows `order[start ..< start + count]` of the vector to the places of each run.
    ///
    /// - Parameter capacity: above every place so far, and never less than before.
    mutating func add(_ vector: ColumnVector, _ runs: [PartedRun], _ order: UnsafePointer<UInt32>, capacity: Int) {
        let source = vector.flattened()
        let stride = type.physical.stride
        makeRoom(capacity * stride)
        switch stride {
        case 1: copy(UInt8.self, source, runs, order)
        case 2: copy(UInt16.self, source, runs, order)
        case 4: copy(UInt32.self, source, runs, order)
        case 8: copy(UInt64.self, source, runs, order)
        default: copy(StringView.self, source, runs, order)
        }
        if source.mayHaveNulls {
            let (bitmap, nulls) = (bitmap(capacity), NullMask(source))
            for run in runs {
                for index in 0..<run.count where nulls.isNull(Int(order[run.start + index])) { bitmap.setNull(run.target + index) }
            }
        }
        // why: neighbouring vectors mostly share their one heap
        for heap in source.heaps where heaps.last !== heap && !heaps.contains(where: { $0 === heap }) { heaps.append(heap) }
    }

    /// Writes a number for each row of a batch.
    @inline(__always)
    mutating func add(_ runs: [PartedRun], _ order: UnsafePointer<UInt32>, capacity: Int, _ number: (UInt32) -> UInt32) {
        makeRoom(capacity * 4)
        for run in runs {
            let (target, rows) = (buffer.values(UInt32.self) + run.target, order + run.start)
            for index in 0..<run.count { target[index] = number(rows[index]) }
        }
    }

    private mutating func makeRoom(_ byteCount: Int) {
        guard buffer.byteCount < byteCount else { return }
        let larger = Buffer(byteCount: byteCount)
        larger.address.copyMemory(from: buffer.address, byteCount: buffer.byteCount)
        buffer = larger
    }

    @inline(__always)
    private func copy<T: BitwiseCopyable>(_ element: T.Type, _ source: ColumnVector, _ runs: [PartedRun], _ order: UnsafePointer<UInt32>) {
        let (from, to) = (source.values(T.self), buffer.values(T.self))
        for run in runs {
            let (target, rows) = (to + run.target, order + run.start)
            for index in 0..<run.count { target[index] = from[Int(rows[index])] }
        }
        withExtendedLifetime(source) {}
    }

    private mutating func bitmap(_ capacity: Int) -> ValidityBitmap {
        let covering = ValidityBitmap.covering(capacity, validity)
        validity = covering
        return covering
    }

    /// The rows below `count`, each of which was written, or is never read.
    func column(count: Int) -> ColumnVector {
        let covers = validity.map { $0.count >= count } ?? true
        var all = self
        return ColumnVector(type: type, count: count, buffer: buffer, validity: covers ? validity : all.bitmap(count), heaps: heaps)
    }
}
