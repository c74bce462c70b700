//! Time: zones, wall-clock windows, and the intervals of instants that they become.
//!
//! [`instant`], [`seconds`] and [`wall_second`] are the types of points in time, of lengths of time, and of readings of a
//! wall clock.
//!
//! Three steps, one file each. [`hours`] and [`moment`] read what a policy writes; [`window`] lays it out on the wall
//! calendar of a zone; [`zone`] reads that calendar as instants, gaps and folds included. [`intervals`] holds the result:
//! sorted seconds since 1970-01-01T00:00:00Z, half-open.

pub mod calendar;
pub mod guess;
pub mod hours;
pub mod instant;
pub mod intervals;
pub mod moment;
pub mod names;
pub mod seconds;
pub mod syntax;
pub mod today;
pub mod wall_second;
pub mod window;
pub mod zone;
pub mod zone_help;
