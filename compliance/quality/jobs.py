"""Second reviews and practice cases in the sweep."""

from compliance.desk import sweeping as sweep
from compliance.quality import golden, second_reviews

sweep.register("second_reviews", second_reviews.sweep)
sweep.register("golden_cases", golden.sweep)
