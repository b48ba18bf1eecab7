/// Histograms of leaves that may still be split, and beside each the features that are worth a search below it.
///
/// A slot holds all features of one leaf, one after the other. Slots are allocated when first needed and reused from tree to
/// tree; memory is at most slots in use at once times (entries * 16 + features) bytes. Belongs to one learner, hence one thread.
final class HistogramPool {
    /// Entries of all features.
    let entryCount: Int
    let columnCount: Int
    private var entries: [UnsafeMutablePointer<HistogramEntry>] = []
    private var flags: [UnsafeMutablePointer<Bool>] = []
    private var free: [Int] = []

    init(entryCount: Int, columnCount: Int) {
        self.entryCount = entryCount
        self.columnCount = columnCount
    }

    deinit {
        for pointer in entries { pointer.deallocate() }
        for pointer in flags { pointer.deallocate() }
    }

    /// A slot with undefined contents.
    func take() -> Int {
        if let slot = free.popLast() { return slot }
        entries.append(Self.allocate(entryCount))
        flags.append(.allocate(capacity: max(columnCount, 1)))
        return entries.count - 1
    }

    /// Entries on a border that kernels may rely on.
    static func allocate(_ count: Int) -> UnsafeMutablePointer<HistogramEntry> {
        UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<HistogramEntry>.stride, alignment: 64)
            .assumingMemoryBound(to: HistogramEntry.self)
    }

    func giveBack(_ slot: Int) { free.append(slot) }

    /// All slots are free again.
    func reset() { free = Array(entries.indices.reversed()) }

    /// The first entry of a slot.
    func histogram(_ slot: Int) -> UnsafeMutablePointer<HistogramEntry> { entries[slot] }

    /// One flag a column: whether some threshold was acceptable in this leaf.
    func isSplittable(_ slot: Int) -> UnsafeMutablePointer<Bool> { flags[slot] }
}
